/* every, in Go: what is done in C, since Go hands over neither its own functions nor structs that
 * point to its memory. Structs that are answered are valid until the next one of their kind. */
#ifndef CALLS_H
#define CALLS_H

#include <sluice_call.h>
#include <stdlib.h>

/* A handle as the context of a callback. */
static inline void *every_pointer(uintptr_t self) {
  return (void *)self;
}

sluice_task every_posted(void);
sluice_task every_asked(void);
sluice_status every_wrap(const sluice_bytes_api *bytes, const sluice_host *host,
                         sluice_span text, uintptr_t self, sluice_buf **out);
sluice_status every_blocking(const sluice_exec_api *exec, uintptr_t self);
sluice_status every_timer(const sluice_exec_api *exec, uintptr_t self);
sluice_status every_watch(const sluice_exec_api *exec, uintptr_t self, sluice_tid *id);
sluice_status every_commit(const sluice_routing_api *routing, sluice_txn *txn, uintptr_t self);
sluice_status every_send(const sluice_client_api *client, sluice_span url, uintptr_t self,
                         sluice_cid *id);
const sluice_field *every_field(void);
const sluice_metric_def *every_metric(void);
const sluice_document *every_document(sluice_span kind, sluice_span json);
const sluice_issue *every_issue(void);
const sluice_tls_profile *every_profile(void);
const sluice_chunk *every_piece(sluice_span text);
const sluice_response *every_answer(int32_t status, sluice_span text);
const sluice_forward *every_target(void);

#endif
