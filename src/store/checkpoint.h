/* SPDX-License-Identifier: EUPL-1.2 */
/* Signed checkpoints in the C2SP tlog-checkpoint and signed-note forms (c2sp.org/tlog-checkpoint,
 * c2sp.org/signed-note): what a municipality or its neighbours keep to see later that nothing was
 * altered, taken out or cut off. Ed25519. Any thread, one at a time per signer. */
#pragma once
#include "base/buf.h"
#include "store/merkle.h"

struct vd_signer;
struct vd_verifier;

#define VD_NOTE_BYTES 512 /* a note of ours is about 200 */

/* Opens the private key (PEM), making it (mode 0600) when the file is absent. `name` is the key's
 * name in notes: the origin. */
int vd_signer_open(const char *key_file, const char *name, struct vd_signer **ret,
		   struct vd_errtext *e);
void vd_signer_close(struct vd_signer *s);
/* "<name>+<hash>+<key>", to be given to whoever verifies. */
int vd_signer_public(const struct vd_signer *s, struct vd_buf *b);
int vd_checkpoint_sign(const struct vd_signer *s, int muni, uint64_t size,
		       const uint8_t root[VD_HASH_BYTES], struct vd_buf *ret_note);

int vd_verifier_open(struct vd_span public_key, struct vd_verifier **ret);
void vd_verifier_close(struct vd_verifier *v);
/* 0 and the parts when the note is signed by this key, else VD_EPARSE or VD_EAUTH. */
int vd_checkpoint_verify(const struct vd_verifier *v, struct vd_span note, int *ret_muni,
			 uint64_t *ret_size, uint8_t ret_root[VD_HASH_BYTES]);
