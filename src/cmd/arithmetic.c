/* arithmetic.c - whether this program computes as the one did that made a result file */
#include "cmd/arithmetic.h"
#include "cmd/commands.h"
#include "infoplane/kernels.h"
#include "infoplane/log.h"
#include <string.h>

bool ip_provenance_is(const ip_store *store, const char *name, const char *text)
{
    ip_text seen = {0};
    ip_error err;
    const bool same = ip_store_provenance(store, name, &seen, &err) == IP_OK && seen.at != NULL &&
                      strcmp(seen.at, text) == 0;
    ip_text_release(&seen);
    return same;
}

ip_status ip_check_arithmetic(const ip_store *store, const char *file, ip_error *err)
{
    ip_text kernels = {0};
    ip_text core = {0};
    ip_status status = ip_store_provenance(store, "kernels", &kernels, err);
    if (status == IP_OK)
        status = ip_store_provenance(store, "openblas_core", &core, err);
    if (status == IP_OK && strcmp(kernels.at, ip_kernels_in_use()->results) != 0)
        status = ip_fail(
            err, IP_ERR_CREATE,
            "%s was begun with kernels '%s', these are '%s': see INFOPLANE_KERNELS in the README",
            file, kernels.at, ip_kernels_in_use()->results);
    else if (status == IP_OK && strcmp(core.at, ip_blas_core()) != 0)
        ip_log(IP_LOG_WARNING,
               "%s was begun with OpenBLAS core %s, this is %s: last bits may differ", file,
               core.at, ip_blas_core());
    ip_text_release(&core);
    ip_text_release(&kernels);
    return status;
}
