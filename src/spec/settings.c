/* settings.c - the table of what a job can be set to */
#include "infoplane/spec.h"

#define TASK(member)     offsetof(ip_settings, task.member)
#define NETWORK(member)  offsetof(ip_settings, network.member)
#define TRAINING(member) offsetof(ip_settings, training.member)
#define LARGEST          9007199254740992.0 /* 2^53: exact in a double */
#define INFINITE         ((double)__builtin_inf())

/* clang-format off */
const ip_field ip_settings_fields[] = {
    {.key = "task.name", .kind = IP_KIND_CHOICE, .offset = TASK(name), .names = ip_task_name,
     .flags = IP_FIELD_REQUIRED, .help = "the source of the data"},
    {.key = "task.rule", .kind = IP_KIND_CHOICE, .offset = TASK(rule), .names = ip_task_rule_name,
     .default_text = "soft", .help = "labels with a probability, or certain"},
    {.key = "task.form", .kind = IP_KIND_CHOICE, .offset = TASK(form), .names = ip_task_form_name,
     .default_text = "linear", .help = "function of the pattern that the label thresholds"},
    {.key = "task.information", .kind = IP_KIND_REAL, .offset = TASK(information), .max = 64,
     .default_text = "0.99", .flags = IP_FIELD_ABOVE_MIN, .unit = "bit",
     .help = "I(X;Y) the gain is solved for"},
    {.key = "task.gain", .kind = IP_KIND_REAL, .offset = TASK(gain), .max = INFINITE, .word = "none",
     .default_text = "none", .flags = IP_FIELD_ABOVE_MIN, .help = "steepness, instead of information"},
    {.key = "task.threshold", .kind = IP_KIND_REAL, .offset = TASK(threshold), .word = "none",
     .default_text = "none", .help = "where the label turns; none = the form's own"},
    {.key = "task.weights", .kind = IP_KIND_REALS, .offset = TASK(weights), .n_reals = 3,
     .default_text = "[2, 1.6666666666666667, 0.8]", .help = "of l = 0, 1, 2 in form spectrum"},
    {.key = "task.path", .kind = IP_KIND_TEXT, .offset = TASK(path),
     .help = "data file of task file, relative to the spec's folder"},
    {.key = "task.train_fraction", .kind = IP_KIND_REAL, .offset = TASK(train_fraction), .max = 1,
     .default_text = "0.85", .flags = IP_FIELD_SWEPT | IP_FIELD_ABOVE_MIN,
     .help = "share of the patterns trained on"},
    {.key = "task.split", .kind = IP_KIND_CHOICE, .offset = TASK(split), .names = ip_split_name,
     .default_text = "random", .flags = IP_FIELD_SWEPT, .help = "how they are chosen, per seed"},

    {.key = "network.hidden", .kind = IP_KIND_WIDTHS, .offset = NETWORK(hidden), .min = 1, .max = 65536,
     .flags = IP_FIELD_REQUIRED | IP_FIELD_SWEPT, .help = "units of each hidden layer"},
    {.key = "network.activation", .kind = IP_KIND_CHOICE, .offset = NETWORK(activation),
     .names = ip_activation_name, .default_text = "tanh", .flags = IP_FIELD_SWEPT,
     .help = "of the hidden layers"},
    {.key = "network.initializer", .kind = IP_KIND_CHOICE, .offset = NETWORK(initializer),
     .names = ip_initializer_name, .default_text = "lecun-truncated", .flags = IP_FIELD_SWEPT,
     .help = "of the weights; biases start at 0"},
    {.key = "network.initializer_sd", .kind = IP_KIND_REAL, .offset = NETWORK(initializer_sd),
     .max = 1e6, .word = "none", .default_text = "none", .flags = IP_FIELD_SWEPT | IP_FIELD_ABOVE_MIN,
     .help = "of initializer normal"},
    {.key = "network.output", .kind = IP_KIND_CHOICE, .offset = NETWORK(output), .names = ip_output_name,
     .default_text = "softmax", .help = "sigmoid: one unit, two classes"},
    {.key = "network.noise", .kind = IP_KIND_REAL, .offset = NETWORK(noise), .max = 1e6,
     .default_text = "0", .flags = IP_FIELD_SWEPT, .help = "sd of what is added to the hidden layers' activations"},
    {.key = "network.bits", .kind = IP_KIND_COUNT, .offset = NETWORK(bits), .min = 1, .max = IP_MAX_BITS,
     .word = "none", .default_text = "none", .flags = IP_FIELD_SWEPT, .unit = "bit",
     .help = "of the hidden layers' activations, rounded to 2^bits levels"},

    {.key = "training.epochs", .kind = IP_KIND_COUNT, .offset = TRAINING(epochs), .min = 1, .max = 1e12,
     .flags = IP_FIELD_REQUIRED, .help = "passes over the training set"},
    {.key = "training.optimizer", .kind = IP_KIND_CHOICE, .offset = TRAINING(optimizer),
     .names = ip_optimizer_name, .default_text = "adam", .flags = IP_FIELD_SWEPT, .help = "update rule"},
    {.key = "training.momentum", .kind = IP_KIND_REAL, .offset = TRAINING(momentum), .max = 1,
     .default_text = "0.9", .flags = IP_FIELD_SWEPT, .help = "of momentum and nesterov"},
    {.key = "training.beta1", .kind = IP_KIND_REAL, .offset = TRAINING(beta1), .max = 1,
     .default_text = "0.9", .flags = IP_FIELD_BELOW_MAX, .help = "decay of the mean gradient (adam, adamw)"},
    {.key = "training.beta2", .kind = IP_KIND_REAL, .offset = TRAINING(beta2), .max = 1,
     .default_text = "0.999", .flags = IP_FIELD_BELOW_MAX, .help = "decay of the mean square (adam, adamw, rmsprop)"},
    {.key = "training.epsilon", .kind = IP_KIND_REAL, .offset = TRAINING(epsilon), .max = 1,
     .default_text = "1e-8", .flags = IP_FIELD_ABOVE_MIN, .help = "added to the root mean square"},
    {.key = "training.rate", .kind = IP_KIND_REAL, .offset = TRAINING(rate), .max = 1e6,
     .default_text = "4.0e-4", .flags = IP_FIELD_SWEPT | IP_FIELD_ABOVE_MIN, .help = "learning rate"},
    {.key = "training.batch", .kind = IP_KIND_COUNT, .offset = TRAINING(batch), .min = 1, .max = LARGEST,
     .word = "full", .default_text = "512", .flags = IP_FIELD_SWEPT, .help = "rows of an update"},
    {.key = "training.shuffle", .kind = IP_KIND_CHOICE, .offset = TRAINING(shuffle),
     .names = ip_shuffle_name, .default_text = "epoch", .flags = IP_FIELD_SWEPT,
     .help = "order of the rows: anew each epoch, as they are, or drawn with replacement"},
    {.key = "training.targets", .kind = IP_KIND_CHOICE, .offset = TRAINING(targets),
     .names = ip_target_name, .default_text = "soft", .flags = IP_FIELD_SWEPT,
     .help = "p(y|x) itself, one label drawn from it per job, or the most probable"},
    {.key = "training.l2", .kind = IP_KIND_REAL, .offset = TRAINING(l2), .max = 1e6, .default_text = "0",
     .flags = IP_FIELD_SWEPT, .help = "weight of l2/2 |W|^2 (adamw: decoupled decay)"},
    {.key = "training.schedule", .kind = IP_KIND_CHOICE, .offset = TRAINING(schedule),
     .names = ip_schedule_name, .default_text = "constant", .flags = IP_FIELD_SWEPT,
     .help = "of the learning rate"},
    {.key = "training.step_epochs", .kind = IP_KIND_COUNT, .offset = TRAINING(step_epochs), .min = 1,
     .max = 1e12, .word = "none", .default_text = "none", .unit = "epoch",
     .help = "length of a step of schedule step"},
    {.key = "training.step_factor", .kind = IP_KIND_REAL, .offset = TRAINING(step_factor), .max = 1e6,
     .default_text = "0.1", .flags = IP_FIELD_ABOVE_MIN, .help = "by which each step changes the rate"},
};
/* clang-format on */

const size_t ip_n_settings_fields = IP_LENGTH(ip_settings_fields);
