/* hdf5_util.c - the few things the store asks of HDF5, in fewer words
 *
 * Numbers are stored little-endian whatever the machine. */
#include "store_internal.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

ip_quiet ip_h5_quiet(void)
{
    ip_quiet quiet = {0};
    H5Eget_auto2(H5E_DEFAULT, &quiet.function, &quiet.data);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    return quiet;
}

void ip_h5_restore(ip_quiet quiet)
{
    H5Eset_auto2(H5E_DEFAULT, quiet.function, quiet.data);
}

/* ---- errors ---- */

static void say(ip_error *err, ip_status status, const char *path, const char *format,
                va_list arguments)
{
    *err = (ip_error){.status = status};
    snprintf(err->file, sizeof err->file, "%s", path);
    vsnprintf(err->text, sizeof err->text, format, arguments);
}

ip_status ip_file_fail(ip_error *err, ip_status status, const char *path, const char *format, ...)
{
    if (err == NULL)
        return status;
    va_list arguments;
    va_start(arguments, format);
    say(err, status, path, format, arguments);
    va_end(arguments);
    return status;
}

void ip_file_name(ip_error *err, const char *path)
{
    if (err != NULL)
        snprintf(err->file, sizeof err->file, "%s", path);
}

static herr_t keep_innermost(unsigned n, const H5E_error2_t *entry, void *context)
{
    char *reason = context;
    if (n == 0 && entry->desc != NULL)
        snprintf(reason, sizeof((ip_error *)0)->text, "%s", entry->desc);
    return 0;
}

/* Where the system refused, its own words say it best. */
static const char *plainest(char *reason)
{
    static const char mark[] = "error message = '";
    char *words = strstr(reason, mark);
    if (words == NULL)
        return reason;
    words += sizeof mark - 1;
    words[strcspn(words, "'")] = '\0';
    return words;
}

ip_status ip_h5_fail(ip_error *err, ip_status status, const char *path, const char *format, ...)
{
    if (err == NULL)
        return status;
    char reason[sizeof err->text] = "";
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_innermost, reason);

    va_list arguments;
    va_start(arguments, format);
    say(err, status, path, format, arguments);
    va_end(arguments);
    const size_t length = strlen(err->text);
    if (reason[0] != '\0')
        snprintf(err->text + length, sizeof err->text - length, ": %s", plainest(reason));
    return status;
}

/* A reader takes no lock, so that it neither waits for a run nor disturbs it; and keeps no buffer,
 * so that what it reads is what the file holds now. */
hid_t ip_h5_open_to_read(const char *path)
{
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
#if H5_VERSION_GE(1, 10, 7)
    H5Pset_file_locking(access, false, true);
#endif
    H5Pset_sieve_buf_size(access, 0);
    H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
    const hid_t file = H5Fopen(path, H5F_ACC_RDONLY, access);
    ip_h5_close(access);
    return file;
}

/* ---- types, spaces, datasets ---- */

static hid_t string_type(size_t bytes)
{
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, bytes);
    H5Tset_cset(type, H5T_CSET_UTF8);
    return type;
}

static hid_t type_of(const ip_array *array, const hid_t *numbers)
{
    if (array->value == IP_VALUE_STRING)
        return string_type(H5T_VARIABLE);
    if (array->value == IP_VALUE_CHARS)
        return string_type(array->bytes);
    return H5Tcopy(numbers[array->value]);
}

hid_t ip_h5_file_type(const ip_array *array)
{
    const hid_t numbers[] = {
        [IP_VALUE_INT8] = H5T_STD_I8LE,    [IP_VALUE_UINT8] = H5T_STD_U8LE,
        [IP_VALUE_INT32] = H5T_STD_I32LE,  [IP_VALUE_UINT32] = H5T_STD_U32LE,
        [IP_VALUE_INT64] = H5T_STD_I64LE,  [IP_VALUE_UINT64] = H5T_STD_U64LE,
        [IP_VALUE_FLOAT] = H5T_IEEE_F32LE, [IP_VALUE_REAL] = H5T_IEEE_F64LE,
    };
    return type_of(array, numbers);
}

hid_t ip_h5_memory_type(const ip_array *array)
{
    const hid_t numbers[] = {
        [IP_VALUE_INT8] = H5T_NATIVE_INT8,   [IP_VALUE_UINT8] = H5T_NATIVE_UINT8,
        [IP_VALUE_INT32] = H5T_NATIVE_INT32, [IP_VALUE_UINT32] = H5T_NATIVE_UINT32,
        [IP_VALUE_INT64] = H5T_NATIVE_INT64, [IP_VALUE_UINT64] = H5T_NATIVE_UINT64,
        [IP_VALUE_FLOAT] = H5T_NATIVE_FLOAT, [IP_VALUE_REAL] = H5T_NATIVE_DOUBLE,
    };
    return type_of(array, numbers);
}

hid_t ip_h5_space(const ip_array *array)
{
    return array->rank == 0 ? H5Screate(H5S_SCALAR)
                            : H5Screate_simple(array->rank, array->dims, NULL);
}

void ip_h5_close(hid_t id)
{
    if (id < 0)
        return;
    /* Every call of HDF5 forgets the reasons of the last failure; a clean-up must not. */
    const hid_t reasons = H5Eget_current_stack();
    H5Idec_ref(id);
    H5Eset_current_stack(reasons);
}

hid_t ip_h5_create(hid_t place, const char *name, const ip_array *array, hid_t properties)
{
    const hid_t type = ip_h5_file_type(array);
    const hid_t space = ip_h5_space(array);
    const hid_t dataset =
        H5Dcreate2(place, name, type, space, H5P_DEFAULT, properties, H5P_DEFAULT);
    ip_h5_close(space);
    ip_h5_close(type);
    return dataset;
}

hid_t ip_h5_create_group(hid_t place, const char *name)
{
    const hid_t properties = H5Pcreate(H5P_GROUP_CREATE);
    H5Pset_link_creation_order(properties, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    H5Pset_obj_track_times(properties, false);
    const hid_t group = H5Gcreate2(place, name, H5P_DEFAULT, properties, H5P_DEFAULT);
    ip_h5_close(properties);
    return group;
}

bool ip_h5_put(hid_t dataset, const ip_array *array, const void *data)
{
    const hid_t type = ip_h5_memory_type(array);
    const bool ok = H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0;
    ip_h5_close(type);
    return ok;
}

bool ip_h5_get(hid_t dataset, const ip_array *array, void *data)
{
    const hid_t type = ip_h5_memory_type(array);
    const bool ok = H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0;
    ip_h5_close(type);
    return ok;
}

int ip_h5_dims(hid_t dataset, hsize_t *dims)
{
    const hid_t space = H5Dget_space(dataset);
    int rank = space < 0 ? -1 : H5Sget_simple_extent_ndims(space);
    if (rank > IP_MAX_RANK)
        rank = -1;
    if (rank > 0)
        H5Sget_simple_extent_dims(space, dims, NULL);
    ip_h5_close(space);
    return rank;
}

/* ---- attributes ---- */

bool ip_h5_put_attribute(hid_t object, const char *name, const ip_array *array, const void *data)
{
    const hid_t file_type = ip_h5_file_type(array);
    const hid_t memory_type = ip_h5_memory_type(array);
    const hid_t space = ip_h5_space(array);
    const hid_t attribute = H5Acreate2(object, name, file_type, space, H5P_DEFAULT, H5P_DEFAULT);
    const bool ok = attribute >= 0 && H5Awrite(attribute, memory_type, data) >= 0;
    ip_h5_close(attribute);
    ip_h5_close(space);
    ip_h5_close(memory_type);
    ip_h5_close(file_type);
    return ok;
}

bool ip_h5_put_text(hid_t object, const char *name, const char *text)
{
    return ip_h5_put_attribute(object, name, &(ip_array){.value = IP_VALUE_STRING}, &text);
}

/* Reads an attribute that has exactly one element of a class. */
static bool get_attribute(hid_t object, const char *name, H5T_class_t class, const ip_array *one,
                          void *value)
{
    if (H5Aexists(object, name) <= 0)
        return false;
    const hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    const hid_t stored = H5Aget_type(attribute);
    const hid_t space = H5Aget_space(attribute);
    const hid_t type = ip_h5_memory_type(one);
    const bool ok = H5Tget_class(stored) == class && H5Sget_simple_extent_npoints(space) == 1 &&
                    (class != H5T_STRING || H5Tis_variable_str(stored) > 0) &&
                    H5Aread(attribute, type, value) >= 0;
    ip_h5_close(type);
    ip_h5_close(space);
    ip_h5_close(stored);
    ip_h5_close(attribute);
    return ok;
}

bool ip_h5_get_integer(hid_t object, const char *name, int64_t *value)
{
    return get_attribute(object, name, H5T_INTEGER, &(ip_array){.value = IP_VALUE_INT64}, value);
}

bool ip_h5_get_real(hid_t object, const char *name, double *value)
{
    return get_attribute(object, name, H5T_FLOAT, &(ip_array){.value = IP_VALUE_REAL}, value);
}

bool ip_h5_get_text(hid_t object, const char *name, ip_text *text)
{
    char *value = NULL;
    if (!get_attribute(object, name, H5T_STRING, &(ip_array){.value = IP_VALUE_STRING}, &value))
        return false;
    if (value != NULL)
        ip_text_append_bytes(text, value, strlen(value));
    H5free_memory(value);
    return value != NULL;
}

/* ---- strings ---- */

void ip_strings_add(ip_strings *strings, const char *text)
{
    ip_text_append_bytes(&strings->bytes, text, strlen(text) + 1);
    strings->n++;
}

bool ip_strings_finish(ip_strings *strings)
{
    strings->at = calloc(strings->n + 1, sizeof *strings->at);
    if (strings->at == NULL)
        return false;
    const char *next = strings->bytes.at;
    for (size_t k = 0; k < strings->n; k++) {
        strings->at[k] = next;
        next += strlen(next) + 1;
    }
    return true;
}

void ip_strings_release(ip_strings *strings)
{
    ip_text_release(&strings->bytes);
    free(strings->at);
    *strings = (ip_strings){0};
}

static bool is_variable_string(hid_t dataset)
{
    const hid_t type = H5Dget_type(dataset);
    const bool is = H5Tis_variable_str(type) > 0;
    ip_h5_close(type);
    return is;
}

bool ip_h5_get_strings(hid_t dataset, ip_strings *strings)
{
    const hid_t space = H5Dget_space(dataset);
    const hssize_t n = H5Sget_simple_extent_npoints(space);
    const ip_array element = {.value = IP_VALUE_STRING};
    char **texts = n < 0 ? NULL : calloc((size_t)n + 1, sizeof *texts);
    bool ok = texts != NULL && is_variable_string(dataset) && ip_h5_get(dataset, &element, texts);
    for (hssize_t k = 0; ok && k < n; k++) {
        ip_strings_add(strings, texts[k] != NULL ? texts[k] : "");
        H5free_memory(texts[k]);
    }
    ok = ok && ip_strings_finish(strings);
    free(texts);
    ip_h5_close(space);
    return ok;
}
