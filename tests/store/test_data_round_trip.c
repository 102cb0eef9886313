/* test_data_round_trip.c - a dataset written and read back is the same data */
#include "sweep.h"

static void check_round_trip(const ip_dataset *dataset, const uint8_t *split)
{
    ip_error err = {0};
    ip_dataset *again = NULL;
    CHECK(ip_data_file_write("data.h5", dataset, split, &err) == IP_OK);
    CHECK_STR(err.text, "");
    CHECK(ip_data_file_read("data.h5", &again, &err) == IP_OK);
    CHECK_STR(err.text, "");
    if (again == NULL)
        return;
    CHECK((again->split != NULL) == (split != NULL));
    CHECK(again->is_drawn == dataset->is_drawn);
    if (split == NULL)
        CHECK_STR(again->digest, dataset->digest);
    else
        CHECK(memcmp(again->split, split, again->n) == 0);
    CHECK(memcmp(again->x, dataset->x, dataset->n * dataset->d * sizeof(float)) == 0);
    CHECK(memcmp(again->p_y_given_x, dataset->p_y_given_x,
                 dataset->n * dataset->c * sizeof(double)) == 0);
    CHECK(memcmp(again->p_x, dataset->p_x, dataset->n * sizeof(double)) == 0);
    ip_dataset_free(again);
}

int main(void)
{
    sweep_folder("test_data_round_trip.files");
    sweep s = sweep_new();
    uint8_t *split = calloc(s.dataset->n, 1);
    for (size_t i = 0; i < s.dataset->n; i++)
        split[i] = i % 3 == 1;
    check_round_trip(s.dataset, NULL);
    check_round_trip(s.dataset, split);
    s.dataset->is_drawn = true;
    check_round_trip(s.dataset, NULL);
    free(split);
    sweep_free(&s);
    return check_finish();
}
