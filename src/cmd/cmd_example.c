/* cmd_example.c - a spec to start from */
#include "cmd/commands.h"
#include "cmd/options.h"

static const char *const lines[] = {
    "# A sweep for infoplane: one job for every point of `sweep` and every seed.",
    "#   infoplane check sweep.yaml",
    "#   mpirun -n 2 infoplane run sweep.yaml -o sweep.h5      (again to resume)",
    "infoplane: 1                      # version of this format",
    "name: tanh-vs-relu",
    "",
    "task:",
    "  name: icosahedron               # 12 bits, 4096 patterns, a rotation-invariant label",
    "  information: 0.99               # I(X;Y) in bits",
    "  train_fraction: 0.85            # the other patterns are for testing",
    "",
    "network:",
    "  hidden: [10, 7, 5, 4, 3]        # widths of the hidden layers",
    "  activation: tanh                # see: infoplane list activations",
    "",
    "training:",
    "  optimizer: adam",
    "  rate: 4.0e-4",
    "  batch: 512                      # or full",
    "  epochs: 1000",
    "",
    "measure:",
    "  at: {log: 60}                   # snapshots; or {linear: N}, {every: N}, a list of epochs",
    "  information:",
    "    - binning: {bins: 30}         # see: infoplane list estimators",
    "",
    "sweep:                            # the product of these lists; the first changes slowest",
    "  - network.activation: [tanh, relu]",
    "",
    "seeds: {count: 4, first: 1}       # each seed: its own split, weights and order of batches",
    "",
    "limits: {retries: 2}              # after a crash; also job_seconds and memory",
};

int ip_cmd_example(int argc, char **argv)
{
    const ip_usage usage = {
        "example", "", "a commented spec on standard output", "> sweep.yaml", NULL, 0, 0, 0};
    const ip_parse parsed = ip_options_parse(&usage, argc, argv, NULL, stderr);
    if (parsed != IP_PARSE_GO)
        return (int)parsed;
    for (size_t i = 0; i < IP_LENGTH(lines); i++)
        puts(lines[i]);
    return 0;
}
