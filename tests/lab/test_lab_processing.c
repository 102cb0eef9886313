/* test_lab_processing.c - a layer that seems to know more than the one before is flagged, and no
 * other */
#include "fixture.h"

/* A step up in either information, beyond four standard errors where there are any. */
static bool rises(const fixture *f, size_t s, size_t now, size_t before)
{
    static const ip_variable_id bits[] = {IP_I_XT, IP_I_TY}, errors[] = {IP_I_XT_SE, IP_I_TY_SE};
    bool is_more = false;
    for (size_t v = 0; v < 2; v++) {
        const double se = hypot(seen(f, errors[v], s, now), seen(f, errors[v], s, before));
        const double step = seen(f, bits[v], s, now) - seen(f, bits[v], s, before);
        is_more = is_more || step > 1e-9 + (isnan(se) ? 0 : 4 * se);
    }
    return is_more;
}

int main(void)
{
    enum { N_LAYERS = 4, N_ENTRIES = 3, N_SNAPSHOTS = 6 };
    ip_error err = {0};
    fixture f =
        small_fixture("network: {hidden: [2, 6, 2]}\ntraining: {epochs: 5, rate: 1}\n"
                      "measure: {at: {every: 1}, information: [binning: {bins: 4},\n"
                      "  noise: {variance: 0.01}, binning: {rule: exact, label: exact}]}\n");
    CHECK_COUNT(fixture_run(&f, 0, &err), IP_OK);
    const int64_t *flags = ip_trace_integer(&f.trace, IP_FLAGS);
    size_t n_flagged[N_ENTRIES] = {0};
    for (size_t s = 0; s < N_SNAPSHOTS; s++) {
        for (size_t at = 0; at < N_LAYERS * N_ENTRIES; at++) {
            const bool is_flagged =
                (flags[s * N_LAYERS * N_ENTRIES + at] & IP_FLAG_PROCESSING) != 0;
            CHECK(is_flagged == (at >= N_ENTRIES && rises(&f, s, at, at - N_ENTRIES)));
            n_flagged[at % N_ENTRIES] += is_flagged;
        }
    }
    CHECK(n_flagged[0] > 0 && n_flagged[1] > 0); /* two units, then six: bins and noise tell more */
    CHECK(n_flagged[2] == 0);                    /* what is read exactly cannot grow */
    fixture_release(&f);
    return check_finish();
}
