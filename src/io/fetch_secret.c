/* SPDX-License-Identifier: EUPL-1.2 */
/* Secrets from files. A name is one of a few plain characters, so that no configuration can reach
 * another file; a file others may read is not used. */
#include "base/log.h"
#include "base/mem.h"
#include "io/fetch_int.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static bool plain_name(const char *s)
{
	size_t n = strlen(s);
	return n && n < sizeof(((struct fetch_secret *)0)->name) && s[0] != '.' &&
	       strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == n;
}

const struct fetch_secret *fetch_secret(const struct vd_fetch *f, const char *name)
{
	for (size_t i = 0; i < f->n_secrets; i++)
		if (strcmp(f->secrets[i].name, name) == 0)
			return &f->secrets[i];
	return NULL;
}

void fetch_secrets_wipe(struct vd_fetch *f)
{
	for (size_t i = 0; i < f->n_secrets; i++) {
		OPENSSL_cleanse(f->secrets[i].text, f->secrets[i].n);
		vd_free(f->secrets[i].text);
	}
	f->n_secrets = 0;
}

/* Its bytes without the last line's end. NULL when it is not to be used. */
static char *slurp(int fd, size_t size, size_t *ret_n)
{
	char *text = vd_malloc(size + 1);
	size_t n = 0;
	ssize_t got = 1;
	while (text && n < size && (got = read(fd, text + n, size - n)) > 0)
		n += (size_t)got;
	if (!text || got < 0) {
		vd_free(text);
		return NULL;
	}
	while (n && (text[n - 1] == '\n' || text[n - 1] == '\r'))
		n--;
	text[n] = '\0';
	*ret_n = n;
	return text;
}

static void load_file(struct vd_fetch *f, const char *dir, const char *name, bool private)
{
	char path[768];
	struct stat st;
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		if (fd >= 0)
			close(fd);
		return;
	}
	struct fetch_secret *s = &f->secrets[f->n_secrets];
	if (private && st.st_mode & 077)
		vd_log(VD_LOG_ERR, "secret %s is not used: others may read it (chmod 600)", path);
	else if (st.st_size <= 0 || st.st_size > FETCH_SECRET_BYTES)
		vd_log(VD_LOG_ERR, "secret %s is not used: empty or too large", path);
	else if ((s->text = slurp(fd, (size_t)st.st_size, &s->n))) {
		snprintf(s->name, sizeof(s->name), "%s", name);
		f->n_secrets++;
	}
	close(fd);
}

static void load_dir(struct vd_fetch *f, const char *dir, bool private)
{
	DIR *d = dir ? opendir(dir) : NULL;
	struct dirent *e;
	while (d && (e = readdir(d))) {
		if (!plain_name(e->d_name) || fetch_secret(f, e->d_name))
			continue;
		if (f->n_secrets == FETCH_SECRETS) {
			vd_log(VD_LOG_ERR, "more than %d secrets in %s: %s is left out",
			       FETCH_SECRETS, dir, e->d_name);
			continue;
		}
		load_file(f, dir, e->d_name, private);
	}
	if (d)
		closedir(d);
}

/* systemd hands credentials to the service's user alone, but through an access list that shows as
 * group bits. */
void fetch_secrets_load(struct vd_fetch *f)
{
	fetch_secrets_wipe(f);
	load_dir(f, f->credentials_dir, false);
	load_dir(f, f->secrets_dir, true);
}
