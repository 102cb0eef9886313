/* field_json.h - the value of a field as JSON */
#ifndef FIELD_JSON_H
#define FIELD_JSON_H

#include "infoplane/field.h"
#include <jansson.h>

/* A number or a list where the value of field in the struct at base is one, the field's text
 * otherwise. The caller owns the reference. */
json_t *ip_field_json(const ip_field *field, const void *base);

#endif
