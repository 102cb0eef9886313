/* leader.h - rank 0's part: deal the numbers out, count them, end the run */
#ifndef LEADER_H
#define LEADER_H

#include "member.h"
#include "roll.h"

/* Leads the run to its end and makes its verdict, which is the error of all ranks. Fills *summary,
 * which may be NULL. roll is borrowed. Errors: those of the worker; IP_ERR_STOPPED when a rank is
 * silent or does not leave: the others cannot be asked to agree any more. */
ip_status ip_lead(ip_member *self, ip_roll *roll, ip_farm_progress *summary, ip_error *verdict,
                  ip_error *err) IP_CHECKED;

#endif
