/* SPDX-License-Identifier: EUPL-1.2 */
/* Certificates: there, readable, fitting their keys, and for how long. */
#include "main/doctor.h"
#include <errno.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define WARN_DAYS 21 /* three weeks: a holiday, and time to order another */
#define BAD_DAYS  3

static X509 *read_cert(const char *path)
{
	FILE *f = fopen(path, "re");
	X509 *c = f ? PEM_read_X509(f, NULL, NULL, NULL) : NULL;
	if (f)
		fclose(f);
	return c;
}

static bool key_fits(X509 *cert, const char *path)
{
	FILE *f = fopen(path, "re");
	EVP_PKEY *k = f ? PEM_read_PrivateKey(f, NULL, NULL, NULL) : NULL;
	bool fits = k && X509_check_private_key(cert, k) == 1;
	EVP_PKEY_free(k);
	if (f)
		fclose(f);
	return fits;
}

static void expiry(struct vd_doctor *d, const char *what, const char *path, X509 *c)
{
	int days = 0, seconds = 0;
	if (!ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(c))) {
		vd_doctor_find(d, VD_WARN, what, "", "%s: its end cannot be read", path);
		return;
	}
	if (days < 0 || seconds < 0)
		vd_doctor_find(d, VD_BAD, what, "renew it, then systemctl reload varde",
			       "%s ended %d days ago", path, -days);
	else if (days < WARN_DAYS)
		vd_doctor_find(d, days < BAD_DAYS ? VD_BAD : VD_WARN, what,
			       "renew it, then systemctl reload varde", "%s ends in %d days", path,
			       days);
	else
		vd_doctor_find(d, VD_FINE, what, "", "%s is good for %d days", path, days);
}

static void pair(struct vd_doctor *d, const char *what, const char *cert, const char *key)
{
	struct stat st;
	X509 *c = read_cert(cert);
	if (!c) {
		bool ours = d->cfg->self_signed && strcmp(cert, d->cfg->tls_cert) == 0;
		vd_doctor_find(d, ours && errno == ENOENT ? VD_WARN : VD_BAD, what,
			       ours ? "`varde serve` makes it at its first start"
				    : "name a PEM file that varde may read",
			       "%s cannot be read", cert);
		return;
	}
	if (!key_fits(c, key))
		vd_doctor_find(d, VD_BAD, what, "name the key that belongs to the certificate",
			       "%s does not fit %s, or cannot be read", key, cert);
	else if (stat(key, &st) == 0 && (st.st_mode & 007))
		vd_doctor_find(d, VD_WARN, what, "chmod 0640",
			       "%s can be read by everybody on this machine", key);
	else
		expiry(d, what, cert, c);
	X509_free(c);
}

void vd_doctor_tls(struct vd_doctor *d)
{
	const struct vd_config *c = d->cfg;
	if (c->http.cert)
		pair(d, "tls.console", c->http.cert, c->http.key);
	if (c->mqtt.enabled && (!c->http.cert || strcmp(c->mqtt.cert, c->http.cert) != 0))
		pair(d, "tls.mqtt", c->mqtt.cert, c->mqtt.key);
	if (c->sip.enabled && c->sip.tls &&
	    (!c->http.cert || strcmp(c->sip.cert, c->http.cert) != 0) &&
	    strcmp(c->sip.cert, c->mqtt.cert) != 0)
		pair(d, "tls.sip", c->sip.cert, c->sip.key);
	if (c->mqtt.client_ca) {
		X509 *ca = read_cert(c->mqtt.client_ca);
		if (ca)
			expiry(d, "tls.gateways", c->mqtt.client_ca, ca);
		else
			vd_doctor_find(d, VD_BAD, "tls.gateways", "name a PEM file",
				       "%s cannot be read", c->mqtt.client_ca);
		X509_free(ca);
	}
	if (c->self_signed)
		vd_doctor_find(d, VD_WARN, "tls.self_signed",
			       "name a certificate of an authority in the configuration (tls)",
			       "the certificate is signed by varde itself");
}
