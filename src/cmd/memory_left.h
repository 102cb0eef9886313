/* memory_left.h - how much memory this node, or our part of it, can still give */
#ifndef MEMORY_LEFT_H
#define MEMORY_LEFT_H

/* Bytes: the least of what the kernel calls available and the limits of the control groups (of
 * either version) that this process is in; INFINITY when none can be read. A group's limit counts
 * whole, because most of what is charged to it is cache that gives way. root: "", or the folder
 * under which proc and sys are to be found. */
double ip_memory_left(const char *root);

#endif
