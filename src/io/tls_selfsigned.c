/* SPDX-License-Identifier: EUPL-1.2 */
/* A self-signed certificate for a first try and for tests. Any thread; called at start. */
#include "io/tls.h"
#include "base/check.h"
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define VALID_DAYS 825 /* the longest that browsers on Apple systems accept */

static bool host_name(const char *s)
{
	size_t n = strlen(s);
	return n > 0 && n < 64 &&
	       strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") == n;
}

static bool add_extension(X509 *x, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	bool ok = ext && X509_add_ext(x, ext, -1) == 1;
	X509_EXTENSION_free(ext);
	return ok;
}

static bool fill(X509 *x, EVP_PKEY *key, const char *name)
{
	char names[256];
	unsigned char serial[16];
	const char *cn = host_name(name) ? name : "localhost";
	snprintf(names, sizeof(names), "DNS:localhost,%s%s%sIP:127.0.0.1,IP:::1",
		 cn == name ? "DNS:" : "", cn == name ? cn : "", cn == name ? "," : "");
	if (RAND_bytes(serial, sizeof(serial)) != 1)
		return false;
	serial[0] &= 0x7F;
	BIGNUM *bn = BN_bin2bn(serial, sizeof(serial), NULL);
	X509_NAME *subject = X509_get_subject_name(x);
	bool ok = bn && BN_to_ASN1_INTEGER(bn, X509_get_serialNumber(x)) &&
		  X509_set_version(x, 2) && X509_gmtime_adj(X509_getm_notBefore(x), -3600) &&
		  X509_gmtime_adj(X509_getm_notAfter(x), VALID_DAYS * 86400l) &&
		  X509_set_pubkey(x, key) &&
		  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
					     (const unsigned char *)cn, -1, -1, 0) &&
		  X509_set_issuer_name(x, subject) &&
		  add_extension(x, NID_basic_constraints, "critical,CA:TRUE") &&
		  add_extension(x, NID_key_usage, "critical,digitalSignature,keyCertSign") &&
		  add_extension(x, NID_ext_key_usage, "serverAuth") &&
		  add_extension(x, NID_subject_alt_name, names) &&
		  X509_sign(x, key, EVP_sha256()) > 0;
	BN_free(bn);
	return ok;
}

static FILE *create(const char *path, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0)
		return NULL;
	FILE *f = fdopen(fd, "w");
	if (!f)
		close(fd);
	return f;
}

static int cannot_write(struct vd_errtext *e, const char *path)
{
	return vd_errtext(e, VD_EIO, "cannot write the self-signed certificate",
			  "check the folder's owner and room", "%s: %s", path, strerror(errno));
}

/* The key that is there from an interrupted earlier try, or a new one. */
static EVP_PKEY *key_of(const char *path, struct vd_errtext *e)
{
	FILE *f = fopen(path, "re");
	if (f) {
		EVP_PKEY *k = PEM_read_PrivateKey(f, NULL, NULL, NULL);
		fclose(f);
		if (!k)
			vd_errtext(e, VD_EEXIST,
				   "there is a key file already, and it is no PEM key",
				   "move it away", "%s", path);
		return k;
	}
	EVP_PKEY *k = EVP_EC_gen("P-256");
	f = k ? create(path, 0600) : NULL;
	bool ok = f && PEM_write_PrivateKey(f, k, NULL, NULL, 0, NULL, NULL) == 1;
	if (f && fclose(f))
		ok = false;
	if (ok)
		return k;
	cannot_write(e, path);
	EVP_PKEY_free(k);
	return NULL;
}

int vd_tls_self_signed(const char *cert_file, const char *key_file, const char *name,
		       struct vd_errtext *e)
{
	struct vd_errtext mine = {.code = VD_EIO};
	if (access(cert_file, F_OK) == 0)
		return 0;
	EVP_PKEY *key = key_of(key_file, &mine);
	if (!key) {
		if (e)
			*e = mine;
		return mine.code;
	}
	int err = 0;
	X509 *x = X509_new();
	FILE *f = NULL;
	if (!x || !fill(x, key, name)) {
		err = vd_errtext(e, VD_EIO, "cannot make a self-signed certificate", NULL, NULL);
	} else {
		f = create(cert_file, 0644);
		bool ok = f && PEM_write_X509(f, x) == 1;
		if (f && fclose(f))
			ok = false;
		if (!ok)
			err = cannot_write(e, cert_file);
		if (!ok && f)
			unlink(cert_file); /* half a certificate would stop the next start */
	}
	X509_free(x);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return err;
}
