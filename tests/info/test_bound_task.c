/* test_bound_task.c - which inputs of a task are one */
#include "bound_tasks.h"

/* Equal rows in any order, a row without weight, a label that never occurs. */
static void lumping(void)
{
    ip_arena arena = {0};
    const double p_x[] = {0.1, 0.2, 0.0, 0.3, 0.15, 0.25};
    const double p_y[] = {0.5, 0.0, 0.5, 0.2, 0.0, 0.8, 0.0, 1.0, 0.0,
                          0.5, 0.0, 0.5, 0.2, 0.0, 0.8, 0.9, 0.0, 0.1};
    const ip_bound_task task = make_task(6, 3, p_x, p_y, &arena);
    CHECK_COUNT(task.n, 3);
    CHECK_COUNT(task.c, 2);
    const double rows[] = {0.9, 0.1, 0.5, 0.5, 0.2, 0.8};
    const double weights[] = {0.25, 0.1 + 0.3, 0.2 + 0.15};
    const uint32_t input_of[] = {1, 2, UINT32_MAX, 1, 2, 0};
    for (size_t i = 0; i < 3; i++) {
        CHECK(task.p_y_given_x[2 * i] == rows[2 * i] &&
              task.p_y_given_x[2 * i + 1] == rows[2 * i + 1]);
        CHECK(task.p_x[i] == weights[i]);
    }
    CHECK(memcmp(task.input_of, input_of, sizeof input_of) == 0);
    CHECK(!task.is_kink);
    ip_arena_release(&arena);
}

/* p(y=0|x) and p(y=1|x) both count, however small: 1e-20 beside 1 is a number of its own. And -0.0
 * is 0. */
static void near_equals(void)
{
    ip_arena arena = {0};
    const double p_y[] = {1.0, 1e-20, 1.0, 1e-30, 1e-30, 1.0, 1e-20, 1.0, 1.0, 0.0, 1.0, -0.0};
    const ip_bound_task task = make_task(6, 2, NULL, p_y, &arena);
    CHECK_COUNT(task.n, 5);
    for (size_t i = 0; i + 1 < task.n; i++) {
        const double *p = task.p_y_given_x + 2 * i;
        CHECK(p[1] / p[0] < p[3] / p[2]);
    }
    ip_arena_release(&arena);
}

/* 4096 patterns: few inputs, and the information of all rows. How many is a matter of rounding for
 * the steep rule, whose p(y|x) go down to 0. */
static void icosahedron(void)
{
    ip_arena arena = {0};
    const ip_bound_task soft = make_icosahedron_task(0.2, &arena);
    CHECK_COUNT(soft.n, 44);
    CHECK_NEAR(soft.i_xy, 0.6217850754032499, 1e-12);
    CHECK_NEAR(soft.h_x, 5.087552539264, 1e-11);
    const ip_bound_task steep = make_icosahedron_task(8.254172995930793, &arena);
    CHECK_NEAR(steep.i_xy, 0.99, 1e-9);
    const ip_bound_task hard = make_icosahedron_task((double)INFINITY, &arena);
    CHECK_COUNT(hard.n, 2);
    CHECK(hard.is_kink);
    CHECK_NEAR(hard.i_xy, 0.9991571208502711, 1e-14);
    CHECK(hard.h_x == hard.h_y && hard.i_xy == hard.h_y);
    ip_arena_release(&arena);
}

/* Rows of one input with different labels are that input's p(y|x); the others keep theirs to the
 * bit, so that equal ones stay equal. */
static void shared_inputs(void)
{
    ip_arena arena = {0};
    ip_bound_task task;
    const double p_x[] = {0.1, 0.3, 0.2, 0.15, 0.0, 0.25};
    const double p_y[] = {1.0, 0.0, 0.0, 1.0, 0.1, 0.9, 0.1, 0.9, 0.7, 0.3, 0.1, 0.9};
    const uint32_t x_id[] = {0, 0, 2, 3, 3, 2};
    MUST(ip_bound_task_make(6, 2, p_x, p_y, x_id, &arena, &task, err));
    CHECK_COUNT(task.n, 2);
    CHECK(task.input_of[0] == 0 && task.input_of[1] == 0 && task.input_of[5] == 1);
    CHECK_NEAR(task.p_y_given_x[0], 0.25, 1e-15);
    CHECK(task.p_y_given_x[2] == 0.1 && task.p_y_given_x[3] == 0.9);
    CHECK(!task.is_kink);
    ip_arena_release(&arena);
}

static void nothing_to_say(void)
{
    ip_arena arena = {0};
    const double one_label[] = {1.0, 1.0};
    const ip_bound_task a = make_task(2, 1, NULL, one_label, &arena);
    CHECK(a.n == 1 && a.c == 1 && a.h_x == 0.0 && a.h_y == 0.0 && a.i_xy == 0.0 && !a.is_kink);
    const double alike[] = {0.3, 0.7, 0.3, 0.7};
    const ip_bound_task b = make_task(2, 2, NULL, alike, &arena);
    CHECK(b.n == 1 && b.c == 2 && b.i_xy == 0.0 && b.h_y > 0.88 && !b.is_kink);
    const double certain[] = {0.0, 1.0, 0.0, 1.0};
    const ip_bound_task d = make_task(2, 2, NULL, certain, &arena);
    CHECK(d.n == 1 && d.c == 1 && d.i_xy == 0.0 && !d.is_kink);
    ip_arena_release(&arena);
}

int main(void)
{
    lumping();
    near_equals();
    icosahedron();
    shared_inputs();
    nothing_to_say();
    return check_finish();
}
