/* test_estimator_decoder.c - what the network's output tells of the label, against closed forms */
#include "check.h"
#include "estimator_run.h"

static ip_information decoder(const layer *l, const double *q)
{
    ip_information out;
    const ip_request request = {&ip_estimator_decoder, NULL, 0};
    ip_sample sample = l->sample;
    sample.q_y_given_x = q;
    estimator_run(&request, 1, &sample, &out);
    CHECK(isnan(out.i_xt) && isnan(out.i_xt_se) && isnan(out.i_ty_se));
    return out;
}

static void says(const layer *l, const double *q, double i_ty, unsigned flags)
{
    const ip_information seen = decoder(l, q);
    CHECK_NEAR(seen.i_ty, i_ty, 1e-12);
    CHECK_COUNT(seen.flags, flags);
}

int main(void)
{
    layer l = layer_new(2, 1, 2);
    memcpy(l.p_y, (double[]){1, 0, 0, 1}, 4 * sizeof *l.p_y);
    says(&l, (double[]){1, 0, 0, 1}, 1, 0);
    says(&l, (double[]){.9, .1, .1, .9}, 0.8479969065549501, 0); /* 1 + log2 0.9 */
    says(&l, (double[]){.5, .5, .5, .5}, 0, 0);
    says(&l, (double[]){.1, .9, .1, .9}, 0, 0); /* worse than no decoder */
    says(&l, (double[]){1, 0, 1, 0}, 0, 0);     /* infinitely so */
    says(&l, (double[]){0, 0, .1, .9}, 0, IP_FLAG_INVALID);
    /* Sums of 2 and 0.5 are divided out; those of 1 within 1e-3, too, but unflagged. */
    says(&l, (double[]){1.8, .2, .05, .45}, 0.8479969065549501, IP_FLAG_INVALID);
    says(&l, (double[]){.9 * 1.0009, .1 * 1.0009, .1, .9}, 0.8479969065549501, 0);
    /* The output is p(y|x) itself, a channel that errs in one of ten: I(X;Y) = 1 - H(0.1). */
    memcpy(l.p_y, (double[]){.9, .1, .1, .9}, 4 * sizeof *l.p_y);
    says(&l, l.p_y, 0.5310044064107188, 0);
    /* Weights 1/4 and 3/4, labels certain; decoding them costs 1 and log2(4/3) bits ... */
    memcpy(l.p_y, (double[]){1, 0, 0, 1}, 4 * sizeof *l.p_y);
    memcpy(l.p_x, (double[]){.25, .75}, 2 * sizeof *l.p_x);
    says(&l, (double[]){.5, .5, .25, .75}, 0.8112781244591328 - .25 - .75 * 0.4150374992788438, 0);
    /* ... and what has no weight may be decoded in any way. */
    memcpy(l.p_x, (double[]){0, 1}, 2 * sizeof *l.p_x);
    says(&l, (double[]){0, 1, 0, 1}, 0, 0);
    const ip_information unknown = decoder(&l, NULL);
    CHECK(isnan(unknown.i_ty));
    CHECK_COUNT(unknown.flags, IP_FLAG_NOT_KNOWN);
    layer_free(&l);
    return check_finish();
}
