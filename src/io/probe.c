/* SPDX-License-Identifier: EUPL-1.2 */
#include "io/probe.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define MAX_ANSWER 8192 /* head and the part of the body we keep */

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000ll + t.tv_nsec / 1000000;
}

/* A literal as a socket address; an any-address becomes loopback. */
static socklen_t resolve(const char *address, int port, struct sockaddr_storage *ret)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)ret;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ret;
	memset(ret, 0, sizeof(*ret));
	if (inet_pton(AF_INET, address, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)port);
		if (v4->sin_addr.s_addr == htonl(INADDR_ANY))
			v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		return sizeof(*v4);
	}
	if (inet_pton(AF_INET6, address, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons((uint16_t)port);
		if (IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr))
			v6->sin6_addr = in6addr_loopback;
		return sizeof(*v6);
	}
	return 0;
}

static int dial(const char *address, int port, int timeout_ms, int *ret_fd, struct vd_errtext *e)
{
	struct sockaddr_storage to;
	struct timeval limit = {timeout_ms / 1000, timeout_ms % 1000 * 1000};
	socklen_t n = resolve(address, port, &to);
	if (!n)
		return vd_errtext(e, VD_EINVAL, "not an address", NULL, "%s", address);
	int fd = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return vd_errtext(e, VD_EIO, "cannot make a socket", NULL, "%s", strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	if (connect(fd, (struct sockaddr *)&to, n)) {
		int err = errno == ECONNREFUSED ? VD_ENOTFOUND : VD_EIO;
		vd_errtext(e, err, "nobody answers", NULL, "%s port %d: %s", address, port,
			   strerror(errno));
		close(fd);
		return err;
	}
	*ret_fd = fd;
	return VD_OK;
}

static void tell_certificate(SSL *ssl, struct vd_probe *p)
{
	unsigned char digest[32];
	unsigned n = 0;
	X509 *cert = SSL_get1_peer_certificate(ssl);
	if (cert && X509_digest(cert, EVP_sha256(), digest, &n) && n == sizeof(digest))
		for (unsigned i = 0; i < n; i++)
			snprintf(p->cert_sha256 + 2 * i, 3, "%02x", digest[i]);
	X509_free(cert);
}

/* Sends the question and collects the answer until the peer closes, we have enough or time is up.
 */
static int exchange(SSL *ssl, int fd, const char *question, char answer[MAX_ANSWER + 1])
{
	size_t n = strlen(question), have = 0;
	ssize_t got = ssl ? SSL_write(ssl, question, (int)n) : send(fd, question, n, MSG_NOSIGNAL);
	if (got != (ssize_t)n)
		return VD_EIO;
	do {
		got = ssl ? SSL_read(ssl, answer + have, (int)(MAX_ANSWER - have))
			  : recv(fd, answer + have, MAX_ANSWER - have, 0);
		if (got > 0)
			have += (size_t)got;
	} while (got > 0 && have < MAX_ANSWER);
	answer[have] = '\0';
	return have ? VD_OK : VD_EIO;
}

static int read_answer(const char *answer, struct vd_probe *p)
{
	const char *body = strstr(answer, "\r\n\r\n");
	char *end;
	if (strncmp(answer, "HTTP/1.", 7) != 0 || strlen(answer) < 12 || !body)
		return VD_EPARSE;
	long status = strtol(answer + 9, &end, 10);
	if (end != answer + 12 || status < 100)
		return VD_EPARSE;
	p->status = (int)status;
	snprintf(p->body, sizeof(p->body), "%s", body + 4);
	return VD_OK;
}

static int over_tls(int fd, const char *question, char *answer, struct vd_probe *p)
{
	int err = VD_EIO;
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	SSL *ssl = ctx ? SSL_new(ctx) : NULL;
	if (ssl && SSL_set_fd(ssl, fd) && SSL_connect(ssl) == 1) {
		tell_certificate(ssl, p);
		err = exchange(ssl, fd, question, answer);
		SSL_shutdown(ssl);
	}
	SSL_free(ssl);
	SSL_CTX_free(ctx);
	return err;
}

int vd_probe_get(const char *address, int port, bool tls, const char *path, int timeout_ms,
		 struct vd_probe *ret, struct vd_errtext *e)
{
	char question[512], answer[MAX_ANSWER + 1];
	struct vd_probe p = {0};
	int64_t began = now_ms();
	int fd = -1, err = dial(address, port, timeout_ms, &fd, e);
	if (err)
		return err;
	snprintf(question, sizeof(question),
		 "GET %s HTTP/1.1\r\nHost: localhost:%d\r\nConnection: close\r\n\r\n", path, port);
	err = tls ? over_tls(fd, question, answer, &p) : exchange(NULL, fd, question, answer);
	close(fd);
	if (err)
		return vd_errtext(e, err, "connected, but no answer came", NULL, "%s port %d, %s",
				  address, port, tls ? "TLS" : "no TLS");
	err = read_answer(answer, &p);
	if (err)
		return vd_errtext(e, err, "the answer is not HTTP", NULL, "%s port %d", address,
				  port);
	p.took_ms = (int)(now_ms() - began);
	*ret = p;
	return VD_OK;
}
