/* SPDX-License-Identifier: EUPL-1.2 */
/* "Did you mean": distances and when a guess is withheld. */
#include "main/nearest.h"
#include "vdtest.h"
#include <string.h>

static void test_distance(void **state)
{
	(void)state;
	assert_int_equal(vd_edit_distance("", ""), 0);
	assert_int_equal(vd_edit_distance("port", "port"), 0);
	assert_int_equal(vd_edit_distance("prot", "port"), 1); /* neighbours swapped */
	assert_int_equal(vd_edit_distance("port", "ports"), 1);
	assert_int_equal(vd_edit_distance("cat", "dog"), 3);
	assert_int_equal(vd_edit_distance("kitten", "sitting"), 3);
}

static void test_long_words_are_far(void **state)
{
	char a[200];
	(void)state;
	memset(a, 'x', sizeof(a) - 1);
	a[sizeof(a) - 1] = '\0';
	assert_int_equal(vd_edit_distance(a, "x"), 64);
}

static void test_nearest(void **state)
{
	static const char *const names[] = {"serve", "device", "alarm", "check-config", "doctor"};
	(void)state;
	assert_string_equal(vd_nearest("sevre", names, 5), "serve");
	assert_string_equal(vd_nearest("check", names, 5), "check-config");
	assert_string_equal(vd_nearest("dokter", names, 5), "doctor");
	assert_null(vd_nearest("zebra-crossing", names, 5));
	assert_null(vd_nearest("", names, 5));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_distance),
					   cmocka_unit_test(test_long_words_are_far),
					   cmocka_unit_test(test_nearest)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
