/* bound_internal.h - what the files of the bottleneck share; nats inside */
#ifndef INFO_BOUND_INTERNAL_H
#define INFO_BOUND_INTERNAL_H

#include "infoplane/bound.h"
#include <math.h>

#define IP_NATS_PER_BIT 0.693147180559945309417

/* At most this many clusters are tried; optimal codes need no more than there are inputs. */
enum { IP_BOUND_MOST_CLUSTERS = 512 };

/* KL[p || r] in nats, both of c numbers; infinite where r lacks what p has. Near r = p its error is
 * relative to |p - r|, not to 1: large betas stand on this. */
double ip_bound_distance(size_t c, const double *p, const double *r);

/* ---- a code, and what it does (bound_model.c) ---- */

/* k clusters (q, r) and the code they make; phi = -sum_x p(x) ln Z_x + sum_t q_t - 1 has the
 * minimum F + beta I(X;Y), free of constraints. */
typedef struct ip_bound_model {
    size_t k;
    double *q;     /* (room) */
    double *r;     /* (room, c) */
    double *m;     /* (n, k) p(t|x) */
    double *ln_z;  /* (n) */
    double *joint; /* (k, c) p(t, y) of the code; the next sweep's q_t r_ty */
    double phi;
} ip_bound_model;

/* One problem at one beta. */
typedef struct ip_bound_solver {
    const ip_bound_task *task;
    double beta;
    size_t room;              /* clusters there is space for */
    ip_bound_model now, next; /* the code at hand, and one that may take its place */
    size_t n_newton;          /* most parameters the Newton steps have space for */
    double *hessian, *factor; /* (n_newton, n_newton) each */
    double *step, *scale;     /* (n_newton) */
    double damping;
    double *scores, *point;      /* (n), (c): of certificates */
    struct ip_bound_cell *cells; /* (2, IP_BOUND_MOST_CELLS); two labels */
    double *starts, *heights;    /* (ip_bound_count_starts, c), (ip_bound_count_starts); more */
    size_t sweeps;
} ip_bound_solver;

ip_status ip_bound_solver_init(ip_bound_solver *solver, const ip_bound_task *task, ip_arena *arena,
                               ip_error *err) IP_CHECKED;

/* The one cluster that says nothing. */
void ip_bound_model_trivial(const ip_bound_solver *solver, ip_bound_model *model);

/* Fills m, ln_z, joint, phi from q, r. */
void ip_bound_model_evaluate(ip_bound_solver *solver, ip_bound_model *model);

/* next = the code after one sweep of the equations from `now`, evaluated: phi never grows. */
void ip_bound_sweep(ip_bound_solver *solver);

/* Swaps now and next. */
void ip_bound_accept(ip_bound_solver *solver);

/* Drops clusters of next to no mass, and makes one of clusters that are equal. Whether any went;
 * then `now` is evaluated anew. */
bool ip_bound_tidy(ip_bound_solver *solver);

/* I(X;T) and I(T;Y) in bits of the code of the evaluated model. */
double ip_bound_model_i_xt(const ip_bound_solver *solver, const ip_bound_model *model);
double ip_bound_model_i_ty(const ip_bound_solver *solver, const ip_bound_model *model);

/* Largest |q_t r_ty - p(t, y)|: 0 where the equations hold. */
double ip_bound_model_residual(const ip_bound_solver *solver, const ip_bound_model *model);

/* ---- downhill (bound_newton.c) ---- */

/* Sweeps and Newton steps from `now` to a stationary code of as many clusters or fewer. */
void ip_bound_descend(ip_bound_solver *solver);

/* 1 - the rate at which plain sweeps would close in on `now`; 0 where it is not a minimum. */
double ip_bound_stiffness(ip_bound_solver *solver);

/* Cholesky factor of the symmetric positive definite a (n, n), lower triangle, in place; false when
 * it is not. And x = a^-1 x with it. */
bool ip_bound_factorise(size_t n, double *a);
void ip_bound_solve(size_t n, const double *factor, double *x);

/* ---- certificates (bound_certificate.c, bound_ascent.c) ---- */

enum { IP_BOUND_MOST_CELLS = 1 << 14 };

/* ln c(r) of the evaluated `now`. */
double ip_bound_ln_c(ip_bound_solver *solver, const double *r);

/* Points that the search over many labels starts from. */
size_t ip_bound_count_starts(const ip_bound_task *task);

typedef struct ip_bound_certificate {
    double bound; /* no r has a larger ln c(r), if proven; else best */
    double best;  /* the largest met, at solver->point */
    bool proven;
} ip_bound_certificate;

/* The largest ln c(r) over the simplex, to about `tolerance` nats. */
ip_bound_certificate ip_bound_certify(ip_bound_solver *solver, double tolerance);
ip_bound_certificate ip_bound_certify_two(ip_bound_solver *solver, double tolerance);
ip_bound_certificate ip_bound_certify_many(ip_bound_solver *solver);

#endif
