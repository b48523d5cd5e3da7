/* SPDX-License-Identifier: EUPL-1.2 */
/* The SIP door: does it answer, and can units sign in? Blocking. */
#include "main/doctor.h"
#include "store/inspect.h"
#include <arpa/inet.h>
#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ANSWER_MS 3000

/* The ports the server was given when the configuration left them free. */
static int port_of(const struct vd_config *c, const char *name, int written)
{
	char path[600];
	if (written)
		return written;
	snprintf(path, sizeof(path), "%s/run.json", c->state_dir);
	json_t *run = json_load_file(path, 0, NULL);
	int port = (int)json_integer_value(json_object_get(run, name));
	json_decref(run);
	return port;
}

/* A socket of this type towards the door; -1 with errno. 0.0.0.0 and :: are asked on loopback. */
static int reach(const char *bind, int port, int type)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
	bool is_v4 = inet_pton(AF_INET, bind, &v4.sin_addr) == 1;
	if (is_v4 && v4.sin_addr.s_addr == INADDR_ANY)
		v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (!is_v4 && (inet_pton(AF_INET6, bind, &v6.sin6_addr) != 1 ||
		       IN6_IS_ADDR_UNSPECIFIED(&v6.sin6_addr)))
		v6.sin6_addr = in6addr_loopback;
	int fd = socket(is_v4 ? AF_INET : AF_INET6, type | SOCK_CLOEXEC, 0);
	int bad = fd < 0  ? -1
		  : is_v4 ? connect(fd, (struct sockaddr *)&v4, sizeof(v4))
			  : connect(fd, (struct sockaddr *)&v6, sizeof(v6));
	if (!bad)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static bool answers_options(int fd)
{
	static const char ask[] = "OPTIONS sip:doctor@localhost SIP/2.0\r\n"
				  "Via: SIP/2.0/UDP localhost;branch=z9hG4bKdoctor;rport\r\n"
				  "Max-Forwards: 70\r\nFrom: <sip:doctor@localhost>;tag=1\r\n"
				  "To: <sip:doctor@localhost>\r\nCall-ID: doctor\r\n"
				  "CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";
	struct pollfd p = {.fd = fd, .events = POLLIN};
	char answer[2048];
	if (send(fd, ask, sizeof(ask) - 1, 0) < 0 || poll(&p, 1, ANSWER_MS) != 1)
		return false;
	ssize_t n = recv(fd, answer, sizeof(answer), 0);
	return n > 12 && memcmp(answer, "SIP/2.0 200 ", 12) == 0;
}

static void door(struct vd_doctor *d)
{
	const struct vd_config *c = d->cfg;
	bool tls_only = !c->sip.udp && !c->sip.tcp;
	int port = tls_only ? port_of(c, "sips", c->sip.tls_port) : port_of(c, "sip", c->sip.port);
	int fd = reach(c->sip.bind, port, c->sip.udp ? SOCK_DGRAM : SOCK_STREAM);
	bool good = fd >= 0 && (tls_only || answers_options(fd));
	if (fd >= 0)
		close(fd);
	vd_doctor_find(d, good ? VD_FINE : VD_BAD, "server.sip",
		       good ? "" : "systemctl status varde; journalctl -u varde",
		       good ? "alarm units are answered at %s port %d"
			    : "nothing answers alarm units at %s port %d",
		       c->sip.bind, port);
}

void vd_doctor_sip(struct vd_doctor *d, const struct vd_inspect *i)
{
	const struct vd_config *c = d->cfg;
	if (!c->sip.enabled) {
		if (i->sip_accounts)
			vd_doctor_find(d, VD_WARN, "sip.enabled", "sip: enabled: true",
				       "%lld accounts for alarm units, and the door is shut",
				       (long long)i->sip_accounts);
		return;
	}
	door(d);
	if (i->sip_realms[0] && strcmp(i->sip_realms, c->sip.realm) != 0)
		vd_doctor_find(d, VD_BAD, "sip.realm",
			       "varde staff gateway secret USER --realm makes one anew",
			       "accounts of another realm than \"%s\" cannot sign in: %s",
			       c->sip.realm, i->sip_realms);
	if (i->sip_without)
		vd_doctor_find(d, VD_WARN, "sip.accounts", "varde staff gateway secret USER --sip",
			       "%lld gateways read SCAIP but cannot sign in at the SIP door",
			       (long long)i->sip_without);
	else
		vd_doctor_find(d, i->sip_accounts ? VD_FINE : VD_WARN, "sip.accounts",
			       i->sip_accounts ? "" : "varde staff gateway add --sip",
			       "%lld accounts for alarm units", (long long)i->sip_accounts);
}
