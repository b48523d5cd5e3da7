/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/checkpoint.h"
#include "base/mem.h"
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_BYTES      32
#define SIG_BYTES      64
#define NAME_MAX_BYTES 128

struct vd_signer {
	EVP_PKEY *key;
	char name[NAME_MAX_BYTES];
	uint8_t public[KEY_BYTES], id[4];
};
struct vd_verifier {
	EVP_PKEY *key;
	char name[NAME_MAX_BYTES];
	uint8_t id[4];
};

/* Key id of a signed note: first 4 bytes of SHA-256(name || LF || 0x01 || public key). */
static void key_id(const char *name, const uint8_t public[KEY_BYTES], uint8_t ret[4])
{
	uint8_t text[NAME_MAX_BYTES + 2 + KEY_BYTES], h[32];
	size_t n = strlen(name);
	memcpy(text, name, n);
	text[n] = '\n';
	text[n + 1] = 1;
	memcpy(text + n + 2, public, KEY_BYTES);
	EVP_Digest(text, n + 2 + KEY_BYTES, h, NULL, EVP_sha256(), NULL);
	memcpy(ret, h, 4);
}

/* Whole or not at all: half a key after a power cut would keep the hub from starting. */
static int write_key(EVP_PKEY *key, const char *file)
{
	char part[600];
	snprintf(part, sizeof(part), "%s.part", file);
	(void)unlink(part);
	int fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (!f) {
		if (fd >= 0)
			close(fd);
		return VD_EIO;
	}
	bool good = PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL) && fflush(f) == 0 &&
		    fsync(fd) == 0;
	good = fclose(f) == 0 && good;
	/* link, not rename: a key that has come there meanwhile is never replaced */
	good = good && link(part, file) == 0;
	(void)unlink(part);
	char *slash = strrchr(part, '/');
	if (slash)
		*slash = '\0';
	int dir = open(slash ? part : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir >= 0) {
		good = fsync(dir) == 0 && good;
		close(dir);
	}
	return good ? 0 : VD_EIO;
}

static EVP_PKEY *open_key(const char *file, int *ret_err)
{
	FILE *f = fopen(file, "re");
	*ret_err = 0;
	if (f) {
		EVP_PKEY *k = PEM_read_PrivateKey(f, NULL, NULL, NULL);
		fclose(f);
		if (!k || EVP_PKEY_id(k) != EVP_PKEY_ED25519) {
			EVP_PKEY_free(k);
			*ret_err = VD_EPARSE;
			return NULL;
		}
		return k;
	}
	if (errno != ENOENT) {
		*ret_err = VD_EIO;
		return NULL;
	}
	EVP_PKEY *k = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	*ret_err = k ? write_key(k, file) : VD_ENOMEM;
	return k;
}

int vd_signer_open(const char *key_file, const char *name, struct vd_signer **ret,
		   struct vd_errtext *e)
{
	int err;
	size_t n = KEY_BYTES;
	struct vd_signer *s = vd_calloc(1, sizeof(*s));
	if (!s)
		return VD_ENOMEM;
	s->key = open_key(key_file, &err);
	if (err || strlen(name) >= sizeof(s->name) || strchr(name, '+') || strchr(name, ' ') ||
	    !EVP_PKEY_get_raw_public_key(s->key, s->public, &n)) {
		vd_signer_close(s);
		return vd_errtext(e, err ? err : VD_EINVAL, "cannot use the checkpoint key",
				  "it must be an Ed25519 key in PEM form that this user may read, "
				  "or absent (then it is made); the origin's name has no blanks",
				  "%s", key_file);
	}
	snprintf(s->name, sizeof(s->name), "%s", name);
	key_id(name, s->public, s->id);
	*ret = s;
	return 0;
}

void vd_signer_close(struct vd_signer *s)
{
	if (!s)
		return;
	EVP_PKEY_free(s->key);
	vd_free(s);
}

static int add_base64(struct vd_buf *b, const uint8_t *p, size_t n)
{
	char text[256];
	if (n > 150)
		return VD_ELIMIT;
	int len = EVP_EncodeBlock((unsigned char *)text, p, (int)n);
	return vd_buf_add(b, text, (size_t)len);
}

/* Exact bytes or VD_EPARSE: padding and length must fit. */
static int read_base64(struct vd_span s, uint8_t *ret, size_t want)
{
	uint8_t out[160];
	size_t pad = s.n && s.p[s.n - 1] == '=' ? 1 + (s.n > 1 && s.p[s.n - 2] == '=') : 0;
	if (s.n > 200 || s.n % 4 || s.n / 4 * 3 - pad != want)
		return VD_EPARSE;
	if (EVP_DecodeBlock(out, (const unsigned char *)s.p, (int)s.n) < 0)
		return VD_EPARSE;
	memcpy(ret, out, want);
	return 0;
}

int vd_signer_public(const struct vd_signer *s, struct vd_buf *b)
{
	uint8_t key[1 + KEY_BYTES] = {1};
	memcpy(key + 1, s->public, KEY_BYTES);
	vd_buf_printf(b, "%s+%02x%02x%02x%02x+", s->name, s->id[0], s->id[1], s->id[2], s->id[3]);
	add_base64(b, key, sizeof(key));
	return vd_buf_add_char(b, '\n');
}

int vd_checkpoint_sign(const struct vd_signer *s, int muni, uint64_t size,
		       const uint8_t root[VD_HASH_BYTES], struct vd_buf *ret_note)
{
	uint8_t sig[4 + SIG_BYTES];
	size_t n = SIG_BYTES;
	size_t from = ret_note->n;
	vd_buf_printf(ret_note, "%s/%d\n%llu\n", s->name, muni, (unsigned long long)size);
	add_base64(ret_note, root, VD_HASH_BYTES);
	vd_buf_add_char(ret_note, '\n');
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int good = !ret_note->err && ctx &&
		   EVP_DigestSignInit(ctx, NULL, NULL, NULL, s->key) == 1 &&
		   EVP_DigestSign(ctx, sig + 4, &n, (unsigned char *)ret_note->p + from,
				  ret_note->n - from) == 1;
	EVP_MD_CTX_free(ctx);
	if (!good)
		return ret_note->err ? ret_note->err : VD_ENOMEM;
	memcpy(sig, s->id, 4);
	vd_buf_printf(ret_note, "\n\xE2\x80\x94 %s ", s->name);
	add_base64(ret_note, sig, sizeof(sig));
	return vd_buf_add_char(ret_note, '\n');
}

int vd_verifier_open(struct vd_span public_key, struct vd_verifier **ret)
{
	struct vd_span rest = vd_span_trim(public_key), name, hash, b64;
	uint8_t key[1 + KEY_BYTES];
	if (!vd_span_next(&rest, '+', &name) || !vd_span_next(&rest, '+', &hash) || !rest.p ||
	    name.n >= NAME_MAX_BYTES)
		return VD_EPARSE;
	b64 = rest; /* base64 itself may hold plus signs */
	if (read_base64(b64, key, sizeof(key)) || key[0] != 1)
		return VD_EPARSE;
	struct vd_verifier *v = vd_calloc(1, sizeof(*v));
	if (!v)
		return VD_ENOMEM;
	v->key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key + 1, KEY_BYTES);
	if (!v->key) {
		vd_free(v);
		return VD_EPARSE;
	}
	vd_span_copy(v->name, sizeof(v->name), name);
	key_id(v->name, key + 1, v->id);
	*ret = v;
	return 0;
}

void vd_verifier_close(struct vd_verifier *v)
{
	if (!v)
		return;
	EVP_PKEY_free(v->key);
	vd_free(v);
}

static bool signature_good(const struct vd_verifier *v, struct vd_span text, const uint8_t *sig)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good =
		ctx && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, v->key) == 1 &&
		EVP_DigestVerify(ctx, sig, SIG_BYTES, (const unsigned char *)text.p, text.n) == 1;
	EVP_MD_CTX_free(ctx);
	return good;
}

static int parse_number(struct vd_span s, uint64_t *ret)
{
	uint64_t n = 0;
	if (!s.n || s.n > 18)
		return VD_EPARSE;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return VD_EPARSE;
		n = n * 10 + (uint64_t)(s.p[i] - '0');
	}
	*ret = n;
	return 0;
}

int vd_checkpoint_verify(const struct vd_verifier *v, struct vd_span note, int *ret_muni,
			 uint64_t *ret_size, uint8_t ret_root[VD_HASH_BYTES])
{
	struct vd_span rest = note, origin, size, root, blank, sig;
	uint8_t bytes[4 + SIG_BYTES];
	uint64_t muni;
	if (!vd_span_next(&rest, '\n', &origin) || !vd_span_next(&rest, '\n', &size) ||
	    !vd_span_next(&rest, '\n', &root) || !vd_span_next(&rest, '\n', &blank) || blank.n ||
	    !vd_span_next(&rest, '\n', &sig))
		return VD_EPARSE;
	size_t name_n = strlen(v->name);
	if (origin.n <= name_n + 1 || memcmp(origin.p, v->name, name_n) != 0 ||
	    origin.p[name_n] != '/' || parse_number(vd_span_skip(origin, name_n + 1), &muni) ||
	    parse_number(size, ret_size) || read_base64(root, ret_root, VD_HASH_BYTES))
		return VD_EPARSE;
	size_t head = 4 + name_n + 1; /* dash, blank, name, blank */
	if (sig.n <= head || memcmp(sig.p, "\xE2\x80\x94 ", 4) != 0 ||
	    memcmp(sig.p + 4, v->name, name_n) != 0 ||
	    read_base64(vd_span_skip(sig, head), bytes, sizeof(bytes)) ||
	    memcmp(bytes, v->id, 4) != 0)
		return VD_EAUTH;
	struct vd_span text = vd_span(note.p, (size_t)(blank.p - note.p));
	if (!signature_good(v, text, bytes + 4))
		return VD_EAUTH;
	*ret_muni = (int)muni;
	return 0;
}
