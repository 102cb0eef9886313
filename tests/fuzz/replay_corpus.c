/* replay_corpus.c - runs a fuzz target on every file of some folders, without libFuzzer
 *
 * usage: replay_corpus FOLDER... */
#include "check.h"
#include "spec/expand.h"
#include <dirent.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void replay_file(const char *folder, const char *name)
{
    ip_text path = {0};
    ip_text bytes = {0};
    ip_text_append(&path, "%s/%s", folder, name);
    const bool is_read = read_file(path.at, &bytes);
    CHECK_REPORT(is_read, "cannot read %s", path.at);
    if (is_read)
        CHECK(LLVMFuzzerTestOneInput((const uint8_t *)bytes.at, bytes.length) == 0);
    ip_text_release(&bytes);
    ip_text_release(&path);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        struct dirent **entries = NULL;
        const int n = scandir(argv[i], &entries, is_visible, alphasort);
        CHECK_REPORT(n > 0, "nothing to replay in %s", argv[i]);
        for (int k = 0; k < n; k++) {
            replay_file(argv[i], entries[k]->d_name);
            free(entries[k]);
        }
        free(entries);
    }
    return check_finish();
}
