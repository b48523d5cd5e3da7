/* SPDX-License-Identifier: EUPL-1.2 */
/* The tree against the roots that Certificate Transparency's own implementations give for the same
 * eight leaves (RFC 6962, section 2.1), and our leaves: what is hashed is the row's place too. */
#include "vdtest.h"
#include "store/merkle.h"
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *data;
	size_t n;
	const char *root; /* of the tree with this leaf as its last */
} leaves[] = {
	{"", 0, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
	{"\x00", 1, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
	{"\x10", 1, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"},
	{"\x20\x21", 2, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"},
	{"\x30\x31", 2, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"},
	{"\x40\x41\x42\x43", 4, "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"},
	{"\x50\x51\x52\x53\x54\x55\x56\x57", 8,
	 "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"},
	{"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16,
	 "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"},
};

static void hex(const uint8_t h[VD_HASH_BYTES], char ret[2 * VD_HASH_BYTES + 1])
{
	for (int i = 0; i < VD_HASH_BYTES; i++)
		snprintf(ret + 2 * i, 3, "%02x", h[i]);
}

static void the_published_roots_come_out(void **state)
{
	struct vd_merkle m = {0};
	uint8_t h[VD_HASH_BYTES], text[32] = {0};
	char got[2 * VD_HASH_BYTES + 1];
	(void)state;
	vd_merkle_root(&m, h);
	hex(h, got);
	assert_string_equal(got,
			    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	for (size_t i = 0; i < sizeof(leaves) / sizeof(leaves[0]); i++) {
		memcpy(text + 1, leaves[i].data, leaves[i].n); /* leaves begin with a zero byte */
		EVP_Digest(text, 1 + leaves[i].n, h, NULL, EVP_sha256(), NULL);
		vd_merkle_append(&m, h);
		vd_merkle_root(&m, h);
		hex(h, got);
		assert_string_equal(got, leaves[i].root);
	}
}

static void a_leaf_is_its_text_its_place_and_its_municipality(void **state)
{
	uint8_t a[VD_HASH_BYTES], b[VD_HASH_BYTES];
	(void)state;
	vd_merkle_leaf(3434, 7, "text", 4, a);
	vd_merkle_leaf(3434, 7, "text", 4, b);
	assert_memory_equal(a, b, sizeof(a));
	vd_merkle_leaf(3434, 8, "text", 4, b);
	assert_memory_not_equal(a, b, sizeof(a));
	vd_merkle_leaf(3432, 7, "text", 4, b);
	assert_memory_not_equal(a, b, sizeof(a));
	vd_merkle_leaf(3434, 7, "texT", 4, b);
	assert_memory_not_equal(a, b, sizeof(a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_published_roots_come_out),
		cmocka_unit_test(a_leaf_is_its_text_its_place_and_its_municipality),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
