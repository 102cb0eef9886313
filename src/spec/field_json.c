/* field_json.c - the value of a field as JSON */
#include "spec/field_json.h"
#include <math.h>

json_t *ip_field_json(const ip_field *field, const void *base)
{
    const void *at = ip_field_at(field, base);
    if (field->kind == IP_KIND_REAL && isfinite(*(const double *)at))
        return json_real(*(const double *)at);
    if (field->kind == IP_KIND_BOOL)
        return json_boolean(*(const bool *)at);
    if (field->kind == IP_KIND_TEXT)
        return json_string(at);
    if (field->kind == IP_KIND_COUNT && (field->word == NULL || *(const uint64_t *)at != 0))
        return json_integer((json_int_t) * (const uint64_t *)at);
    ip_text text = {0};
    ip_field_print(field, base, &text);
    json_t *value = text.at[0] == '[' ? json_loads(text.at, 0, NULL) : json_string(text.at);
    ip_text_release(&text);
    return value;
}
