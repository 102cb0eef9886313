/* test_estimators.c - the table of estimators, and that each entry is whole */
#include "check.h"
#include "infoplane/estimator.h"

static void fields_are_whole(const ip_estimator *estimator)
{
    for (size_t i = 0; i < estimator->n_fields; i++) {
        const ip_field *field = &estimator->fields[i];
        CHECK(field->key != NULL && field->help != NULL && field->unit != NULL);
        if (field->key == NULL || field->help == NULL)
            continue;
        CHECK(field->key[0] != '\0' && field->help[0] != '\0');
        CHECK(field->offset < estimator->options_size);
        CHECK(field->kind != IP_KIND_CHOICE || field->names != NULL);
        CHECK(field->names == NULL || field->kind == IP_KIND_CHOICE ||
              field->kind == IP_KIND_REALS);
        CHECK(ip_fields_find(estimator->fields, estimator->n_fields, field->key) == field);
    }
}

int main(void)
{
    CHECK(ip_estimator_at(0) == &ip_estimator_binning); /* what is measured when nothing is asked */
    const size_t n = ip_names_count(ip_estimator_name);
    CHECK(n >= 1 && ip_estimator_at(n) == NULL && ip_estimator_name(n) == NULL);
    for (size_t i = 0; i < n; i++) {
        const ip_estimator *estimator = ip_estimator_at(i);
        CHECK_STR(ip_estimator_name(i), estimator->name);
        CHECK_COUNT(ip_names_find(ip_estimator_name, estimator->name), i);
        CHECK(estimator->summary[0] != '\0' && estimator->source[0] != '\0');
        CHECK(estimator->options_size <= IP_ESTIMATOR_OPTIONS_SIZE);
        CHECK(estimator->scratch_bytes != NULL && estimator->estimate != NULL);
        fields_are_whole(estimator);
    }
    return check_finish();
}
