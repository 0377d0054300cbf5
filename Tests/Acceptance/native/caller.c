/* A service that calls other servers: /call does what the fields of its request say and answers
 * with what it was told; /held keeps many streams open and writes to each in turn. */
#include "sluice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAUSE_NANOSECONDS 1000000u
#define TICK_NANOSECONDS 50000000u
#define MILLISECOND 1000000ull
#define SHOWN_MAX 2048u
#define SAID_MAX 6144u
#define FIELDS_MAX 8u

enum { CALL, HELD, MOUNTS };

typedef struct service {
  const sluice_http_api *http;
  const sluice_exec_api *exec;
  const sluice_client_api *client;
  sluice_mount mounts[MOUNTS];
} service;

/* One request to /call, until its outbound call has ended. */
typedef struct call {
  service *self;
  sluice_rid id;
  sluice_cid cid;
  uint8_t *body;
  size_t length;
  size_t written;
  size_t part;
  unsigned long long received;
  unsigned long long expected;
  unsigned pieces, pauses, waits;
  int is_timed, has_ended;
  char cancel[16];
  uint8_t shown[SHOWN_MAX];
  size_t shown_length;
  char said[SAID_MAX + SHOWN_MAX];
  size_t said_length;
} call;

static void say(call *at, const char *format, const char *name, size_t length, const void *data) {
  size_t room = SAID_MAX - at->said_length;
  int more = snprintf(at->said + at->said_length, room, format, name, (int)length,
                      data ? (const char *)data : "");
  if (more > 0 && (size_t)more < room)
    at->said_length += (size_t)more;
}

static void say_number(call *at, const char *name, long long value) {
  char text[32];
  int length = snprintf(text, sizeof text, "%lld", value);
  say(at, "%s=%.*s\n", name, (size_t)length, text);
}

static void release(call *at) {
  free(at->body);
  free(at);
}

/* Answers; the call is released once no timer has it. */
static void answer(call *at) {
  sluice_chunk piece = {sluice_bytes(at->said, at->said_length), NULL};
  sluice_response response = {.size = sizeof response, .status = 200, .body = &piece, .nbody = 1};
  at->self->http->respond(at->id, &response, NULL);
  at->has_ended = 1;
  if (!at->is_timed)
    release(at);
}

/* Writes as much of the body as is taken, in parts. */
static void pump(call *at) {
  const sluice_client_api *client = at->self->client;
  while (at->written < at->length) {
    size_t left = at->length - at->written;
    size_t n = at->part && at->part < left ? at->part : left;
    sluice_chunk piece = {sluice_bytes(at->body + at->written, n), NULL};
    uint32_t flags = at->expected || n < left ? 0 : SLUICE_END;
    sluice_status status = client->write(client, at->cid, &piece, 1, flags);
    if (status == SLUICE_E_LIMIT || (status < 0 && status != SLUICE_E_AGAIN))
      return;
    at->written += n;
    if (status == SLUICE_E_AGAIN) {
      at->waits++;
      return;
    }
  }
}

static void cancel_at(call *at, const char *event) {
  if (strcmp(at->cancel, event) == 0)
    at->self->client->cancel(at->self->client, at->cid);
}

static void on_head(void *ctx, sluice_cid id, int32_t status, sluice_headers headers) {
  call *at = ctx;
  (void)id;
  say_number(at, "head", status);
  for (size_t i = 0; i < headers.count; i++)
    if (headers.items[i].name.len > 2 && memcmp(headers.items[i].name.data, "x-", 2) == 0) {
      say(at, "%s%.*s:", "header=", headers.items[i].name.len, headers.items[i].name.data);
      say(at, "%s%.*s\n", "", headers.items[i].value.len, headers.items[i].value.data);
    }
  cancel_at(at, "head");
  if (status == 101)
    pump(at);
}

static void go_on(void *ctx, sluice_status why) {
  call *at = ctx;
  at->is_timed = 0;
  if (at->has_ended)
    release(at);
  else if (why == SLUICE_OK)
    at->self->client->resume(at->self->client, at->cid);
}

static sluice_status on_body(void *ctx, sluice_cid id, const sluice_chunk *chunks, size_t n) {
  call *at = ctx;
  (void)id;
  for (size_t i = 0; i < n; i++) {
    size_t room = SHOWN_MAX - at->shown_length;
    size_t length = chunks[i].bytes.len < room ? chunks[i].bytes.len : room;
    memcpy(at->shown + at->shown_length, chunks[i].bytes.data, length);
    at->shown_length += length;
    at->received += chunks[i].bytes.len;
  }
  at->pieces++;
  cancel_at(at, "body");
  if (at->expected && at->received >= at->expected)
    at->self->client->cancel(at->self->client, at->cid);
  if (!at->pauses || at->pieces > at->pauses)
    return SLUICE_OK;
  at->is_timed = 1;
  at->self->exec->timer(at->self->exec, PAUSE_NANOSECONDS, 0, go_on, at, NULL);
  return SLUICE_E_AGAIN;
}

static void on_writable(void *ctx, sluice_cid id) {
  (void)id;
  pump(ctx);
}

static void on_end(void *ctx, sluice_cid id, sluice_headers trailers,
                   const sluice_call_result *result) {
  call *at = ctx;
  (void)id;
  say_number(at, "outcome", result->outcome);
  say_number(at, "failed", result->failed);
  say_number(at, "maybe_sent", result->maybe_sent);
  say_number(at, "status", result->http_status);
  say_number(at, "attempts", result->attempts);
  say_number(at, "received", (long long)at->received);
  say_number(at, "waits", at->waits);
  say(at, "%s=%.*s\n", "detail", result->detail.len, result->detail.data);
  for (size_t i = 0; i < trailers.count; i++) {
    say(at, "%s%.*s:", "trailer=", trailers.items[i].name.len, trailers.items[i].name.data);
    say(at, "%s%.*s\n", "", trailers.items[i].value.len, trailers.items[i].value.data);
  }
  say(at, "%s\n%.*s", "body", 0, "");
  memcpy(at->said + at->said_length, at->shown, at->shown_length);
  at->said_length += at->shown_length;
  answer(at);
}

static const sluice_call_events events = {.size = sizeof events,
                                          .head = on_head,
                                          .body = on_body,
                                          .writable = on_writable,
                                          .end = on_end};

static sluice_span field(service *self, sluice_rid id, const char *name) {
  return self->http->header(id, SLUICE_REQUEST, sluice_text(name), 0);
}

static unsigned long long number(service *self, sluice_rid id, const char *name) {
  char text[32] = {0};
  sluice_span value = field(self, id, name);
  if (!value.data || value.len >= sizeof text)
    return 0;
  memcpy(text, value.data, value.len);
  return strtoull(text, NULL, 10);
}

/* `name:value|name:value`. */
static size_t fields(sluice_span text, sluice_header *headers) {
  size_t count = 0;
  while (text.data && count < FIELDS_MAX) {
    const uint8_t *bar = memchr(text.data, '|', text.len);
    size_t length = bar ? (size_t)(bar - text.data) : text.len;
    const uint8_t *colon = memchr(text.data, ':', length);
    if (!colon)
      break;
    size_t n = (size_t)(colon - text.data);
    headers[count++] = (sluice_header){
        sluice_bytes(text.data, n), sluice_bytes(colon + 1, length - n - 1), 0, 0};
    text = bar ? sluice_bytes(bar + 1, text.len - length - 1) : sluice_bytes(NULL, 0);
  }
  return count;
}

static sluice_status begin(service *self, sluice_rid id, const sluice_chunk *body, size_t nbody,
                           sluice_error *err) {
  call *at = calloc(1, sizeof *at);
  sluice_header headers[FIELDS_MAX];
  sluice_span cancel = field(self, id, "x-cancel");
  sluice_call call = {.size = sizeof call, .flags = (uint32_t)number(self, id, "x-flags")};
  sluice_status status;
  if (!at)
    return SLUICE_E_NOMEM;
  at->self = self, at->id = id;
  at->part = number(self, id, "x-part");
  at->pauses = (unsigned)number(self, id, "x-pauses");
  at->expected = number(self, id, "x-expected");
  if (cancel.data && cancel.len < sizeof at->cancel)
    memcpy(at->cancel, cancel.data, cancel.len);
  for (size_t i = 0; i < nbody; i++) {
    at->body = realloc(at->body, at->length + body[i].bytes.len);
    memcpy(at->body + at->length, body[i].bytes.data, body[i].bytes.len);
    at->length += body[i].bytes.len;
  }
  call.headers = (sluice_headers){headers, fields(field(self, id, "x-header"), headers)};
  call.method = field(self, id, "x-method");
  call.url = field(self, id, "x-url");
  call.tls_profile = field(self, id, "x-profile");
  call.bearer_file = field(self, id, "x-bearer");
  call.head_ns = number(self, id, "x-head") * MILLISECOND;
  call.idle_ns = number(self, id, "x-idle") * MILLISECOND;
  call.max_body = number(self, id, "x-max");
  sluice_chunk whole = {sluice_bytes(at->body, at->length), NULL};
  if (at->length && !(call.flags & (SLUICE_CALL_STREAM_BODY | SLUICE_CALL_UPGRADE)))
    call.body = &whole, call.nbody = 1;
  status = self->client->send(self->client, &call, &events, at, &at->cid, err);
  if (status < 0) {
    say_number(at, "refused", status);
    say(at, "%s=%.*s\n", "why", err->text_len, err->text);
    answer(at);
    return SLUICE_PENDING;
  }
  if (call.flags & SLUICE_CALL_STREAM_BODY)
    pump(at);
  cancel_at(at, "send");
  return SLUICE_PENDING;
}

/* /held: `count` streams, written to in each of `ticks` ticks, then ended. */
typedef struct held {
  service *self;
  sluice_rid id;
  sluice_cid *ids;
  unsigned count, ended, whole, ticks;
  unsigned long long received;
  sluice_tid timer;
} held;

static sluice_status held_body(void *ctx, sluice_cid id, const sluice_chunk *chunks, size_t n) {
  held *at = ctx;
  (void)id;
  for (size_t i = 0; i < n; i++)
    at->received += chunks[i].bytes.len;
  return SLUICE_OK;
}

static void held_end(void *ctx, sluice_cid id, sluice_headers trailers,
                     const sluice_call_result *result) {
  held *at = ctx;
  char said[128];
  (void)id, (void)trailers;
  at->whole += result->outcome == SLUICE_OK;
  if (++at->ended < at->count)
    return;
  int n = snprintf(said, sizeof said, "whole=%u\nreceived=%llu\n", at->whole, at->received);
  sluice_chunk piece = {sluice_bytes(said, (size_t)n), NULL};
  sluice_response response = {.size = sizeof response, .status = 200, .body = &piece, .nbody = 1};
  at->self->http->respond(at->id, &response, NULL);
  at->self->exec->cancel(at->self->exec, at->timer);
}

static void held_tick(void *ctx, sluice_status why) {
  held *at = ctx;
  sluice_chunk piece = {sluice_text("0123456789abcdef"), NULL};
  const sluice_client_api *client = at->self->client;
  if (why != SLUICE_OK) {
    free(at->ids);
    free(at);
    return;
  }
  if (!at->ticks)
    return;
  at->ticks--;
  for (unsigned i = 0; i < at->count; i++)
    client->write(client, at->ids[i], &piece, 1, at->ticks ? 0 : SLUICE_END);
}

static sluice_status hold(service *self, sluice_rid id, sluice_error *err) {
  static const sluice_call_events held_events = {
      .size = sizeof held_events, .body = held_body, .end = held_end};
  held *at = calloc(1, sizeof *at);
  sluice_call call = {.size = sizeof call, .flags = SLUICE_CALL_STREAM_BODY};
  if (!at)
    return SLUICE_E_NOMEM;
  at->self = self, at->id = id;
  at->count = (unsigned)number(self, id, "x-count");
  at->ticks = (unsigned)number(self, id, "x-ticks");
  at->ids = calloc(at->count, sizeof *at->ids);
  call.method = sluice_text("POST");
  call.url = field(self, id, "x-url");
  for (unsigned i = 0; i < at->count; i++) {
    sluice_status status =
        self->client->send(self->client, &call, &held_events, at, at->ids + i, err);
    if (status < 0)
      return status;
  }
  self->exec->timer(self->exec, TICK_NANOSECONDS, TICK_NANOSECONDS, held_tick, at, &at->timer);
  return SLUICE_PENDING;
}

static sluice_status request(void *ctx, sluice_rid id, uint32_t tag, const sluice_request *r,
                             const sluice_chunk *body, size_t nbody, void **out,
                             sluice_error *err) {
  (void)r, (void)out;
  return tag == HELD ? hold(ctx, id, err) : begin(ctx, id, body, nbody, err);
}

static sluice_status mounts(void *ctx, sluice_list *out, sluice_error *err) {
  static const char *const prefixes[MOUNTS] = {"/call", "/held"};
  service *self = ctx;
  (void)err;
  for (uint32_t i = 0; i < MOUNTS; i++) {
    self->mounts[i].size = sizeof self->mounts[i];
    self->mounts[i].prefix = sluice_text(prefixes[i]);
    self->mounts[i].body = SLUICE_BODY_BUFFERED;
    self->mounts[i].max_body = 8u << 20;
    self->mounts[i].tag = i;
  }
  *out = sluice_items(self->mounts, MOUNTS, sizeof self->mounts[0]);
  return SLUICE_OK;
}

static sluice_status create(const sluice_host *host, const sluice_instance *inst, void **out,
                            sluice_error *err) {
  service *self = calloc(1, sizeof *self);
  (void)inst;
  if (!self)
    return sluice_fail(err, SLUICE_E_NOMEM, sluice_text("no memory"));
  self->http = host->find(host, SLUICE_IF_HTTP);
  self->exec = host->find(host, SLUICE_IF_EXEC);
  self->client = host->find(host, SLUICE_IF_CLIENT);
  *out = self;
  return SLUICE_OK;
}

static const void *role(void *self, const char *id) {
  static const sluice_service_ops ops = {
      .size = sizeof ops, .mounts = mounts, .request = request};
  (void)self;
  return strcmp(id, SLUICE_ROLE_SERVICE) == 0 ? &ops : NULL;
}

const sluice_plugin_desc *sluice_plugin_entry(const sluice_hello *hello, sluice_error *err) {
  static const sluice_plugin_ops ops = {
      .size = sizeof ops, .create = create, .role = role, .destroy = free};
  static sluice_plugin_desc description;
  (void)hello, (void)err;
  description.size = sizeof description;
  description.stamp = sluice_stamp_make();
  description.id = sluice_text("test.caller");
  description.version = sluice_text("1.0.0");
  description.summary = sluice_text("Calls other servers as it is told.");
  description.ops = &ops;
  return &description;
}
