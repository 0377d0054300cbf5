#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "_cgo_export.h"

/* What the host calls back. */

static void released(void *ctx) {
  goReleased((uintptr_t)ctx);
}

static void posted(void *ctx, sluice_status why) {
  goPosted((uintptr_t)ctx, why);
}

static void asked(void *ctx, sluice_status why) {
  goAsked((uintptr_t)ctx, why);
}

static void work(void *ctx) {
  (void)ctx;
}

static void worked(void *ctx, sluice_status why) {
  goWorked((uintptr_t)ctx, why);
}

static void fired(void *ctx, sluice_status why) {
  goFired((uintptr_t)ctx, why);
}

static void ready(void *ctx, int32_t fd, uint32_t revents) {
  if (revents == 0)
    close(fd);
  else
    goReady((uintptr_t)ctx);
}

static void committed(void *ctx, sluice_status status, uint64_t generation) {
  (void)generation;
  goCommitted((uintptr_t)ctx, status);
}

static void ended(void *ctx, sluice_cid id, sluice_headers trailers,
                  const sluice_call_result *result) {
  (void)id, (void)trailers;
  goEnded((uintptr_t)ctx, result->outcome);
}

/* Calls with callbacks. */

sluice_task every_posted(void) {
  return posted;
}

sluice_task every_asked(void) {
  return asked;
}

sluice_status every_wrap(const sluice_bytes_api *bytes, const sluice_host *host,
                         sluice_span text, uintptr_t self, sluice_buf **out) {
  return sluice_bytes_wrap(bytes, host, text, released, (void *)self, out);
}

sluice_status every_blocking(const sluice_exec_api *exec, uintptr_t self) {
  return sluice_exec_blocking(exec, work, worked, (void *)self);
}

sluice_status every_timer(const sluice_exec_api *exec, uintptr_t self) {
  return sluice_exec_timer(exec, 1000000, 0, fired, (void *)self, NULL);
}

sluice_status every_watch(const sluice_exec_api *exec, uintptr_t self, sluice_tid *id) {
  int fd = eventfd(1, EFD_CLOEXEC);
  return sluice_exec_watch_fd(exec, fd, POLLIN, ready, (void *)self, id);
}

sluice_status every_commit(const sluice_routing_api *routing, sluice_txn *txn, uintptr_t self) {
  return sluice_routing_commit(routing, txn, NULL, committed, (void *)self);
}

sluice_status every_send(const sluice_client_api *client, sluice_span url, uintptr_t self,
                         sluice_cid *id) {
  sluice_call call = {.size = sizeof call, .flags = SLUICE_CALL_STREAM_BODY};
  sluice_call_events events = {.size = sizeof events, .end = ended};
  call.method = sluice_text("POST");
  call.url = url;
  return sluice_client_send(client, &call, &events, (void *)self, id, NULL);
}

/* Structs. */

const sluice_field *every_field(void) {
  static sluice_field field;
  field.key = sluice_text("key");
  field.value = sluice_text("value");
  return &field;
}

const sluice_metric_def *every_metric(void) {
  static const double buckets[] = {1, 2};
  static sluice_metric_def def = {.size = sizeof def, .kind = SLUICE_METRIC_HISTOGRAM};
  def.name = sluice_text("calls");
  def.buckets = buckets;
  def.nbuckets = 2;
  return &def;
}

const sluice_document *every_document(sluice_span kind, sluice_span json) {
  static sluice_document document = {.size = sizeof document};
  document.kind = kind;
  document.name = sluice_text("every");
  document.json = json;
  return &document;
}

const sluice_issue *every_issue(void) {
  static sluice_issue issue = {.size = sizeof issue, .severity = SLUICE_ISSUE_WARNING};
  issue.kind = sluice_text("pool");
  issue.name = sluice_text("noted");
  issue.code = sluice_text("every");
  issue.text = sluice_text("nothing is wrong");
  return &issue;
}

const sluice_tls_profile *every_profile(void) {
  static sluice_tls_profile profile = {.size = sizeof profile, .flags = SLUICE_TLS_INSECURE};
  profile.name = sluice_text("every");
  return &profile;
}

const sluice_chunk *every_piece(sluice_span text) {
  static _Thread_local sluice_chunk piece;
  piece.bytes = text;
  return &piece;
}

const sluice_response *every_answer(int32_t status, sluice_span text) {
  static sluice_response response = {.size = sizeof response, .nbody = 1};
  response.status = status;
  response.body = every_piece(text);
  return &response;
}

const sluice_forward *every_target(void) {
  static sluice_forward target = {.size = sizeof target};
  target.pool = sluice_text("every");
  return &target;
}
