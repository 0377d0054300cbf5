/* A service whose answers and requests are streams; it writes the end of every call to a file.
 * Its configuration: {"events":"/a/file","bytes":N}; /down and /owned send N bytes. */
#include "sluice.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PIECE_BYTES (64u << 10)
#define PAUSE_NANOSECONDS 1000000u

enum {
  DOWN, OWNED, UP, SLOW, ECHO, OPEN, BREAK,
  LATE, FLOOD, EAGER, FAIL, HALF, WRONG, DENY,
  MOUNTS
};

static const char *const names[MOUNTS] = {
    "down", "owned", "up", "slow", "echo", "open", "break",
    "late", "flood", "eager", "fail", "half", "wrong", "deny"};

typedef struct service {
  const sluice_http_api *http;
  const sluice_exec_api *exec;
  const sluice_bytes_api *bytes;
  sluice_mount mounts[MOUNTS];
  sluice_buf *piece;
  _Atomic long pieces_held;
  unsigned long long total;
  char events[512];
} service;

typedef struct call {
  service *self;
  sluice_rid id;
  uint32_t tag;
  unsigned long long left;
  unsigned long long seen;
  unsigned long long pieces;
  unsigned long long waits;
} call;

static void event(call *at, const char *what, int status, int why) {
  FILE *file = fopen(at->self->events, "a");
  if (!file)
    return;
  fprintf(file,
          "{\"call\":\"%s\",\"event\":\"%s\",\"status\":%d,\"why\":%d,\"seen\":%llu,"
          "\"pieces\":%llu,\"waits\":%llu,\"held\":%ld}\n",
          names[at->tag], what, status, why, at->seen, at->pieces, at->waits,
          at->self->pieces_held);
  fclose(file);
}

typedef struct owned {
  service *self;
  uint8_t bytes[PIECE_BYTES];
} owned;

static void let_go(void *ctx) {
  owned *memory = ctx;
  memory->self->pieces_held--;
  free(memory);
}

static sluice_status begin(call *at) {
  static const sluice_header header = {{(const uint8_t *)"x-kind", 6},
                                       {(const uint8_t *)"stream", 6},
                                       0,
                                       0};
  return at->self->http->begin(at->id, 200, (sluice_headers){&header, 1}, NULL);
}

/* Writes until the host asks to wait or all is written. */
static void pump(call *at) {
  static const uint8_t copied[PIECE_BYTES] = {'c'};
  service *self = at->self;
  while (at->left > 0) {
    size_t length = at->left < PIECE_BYTES ? at->left : PIECE_BYTES;
    owned *memory = at->tag == OWNED ? malloc(sizeof *memory) : NULL;
    sluice_chunk chunk = {{copied, length}, NULL};
    sluice_status status;
    if (memory) {
      memory->self = self;
      memset(memory->bytes, 'o', length);
      chunk.bytes.data = memory->bytes;
      self->pieces_held++;
      self->bytes->wrap(NULL, chunk.bytes, let_go, memory, &chunk.owner);
    }
    at->left -= length;
    status = self->http->write(at->id, &chunk, 1, at->left == 0 ? SLUICE_END : 0);
    if (chunk.owner)
      self->bytes->release(chunk.owner);
    if (status == SLUICE_E_AGAIN) {
      at->waits++;
      return;
    }
    if (status != SLUICE_OK)
      return;
  }
}

static void go_on(void *ctx, sluice_status why) {
  call *at = ctx;
  if (why == SLUICE_OK)
    at->self->http->resume(at->id, SLUICE_REQUEST);
}

static void *answer_late(void *ctx) {
  call *at = ctx;
  sluice_chunk hello = {{(const uint8_t *)"hello ", 6}, NULL};
  sluice_chunk world = {{(const uint8_t *)"world", 5}, NULL};
  begin(at);
  at->self->http->write(at->id, &hello, 1, 0);
  at->self->http->write(at->id, &world, 1, 0);
  at->self->http->finish(at->id, (sluice_headers){NULL, 0});
  return NULL;
}

static void respond(call *at, int status) {
  sluice_response response = {.size = sizeof response, .status = status};
  at->self->http->respond(at->id, &response, NULL);
}

static sluice_status request(void *ctx, sluice_rid id, uint32_t tag, const sluice_request *request,
                             const sluice_chunk *body, size_t nbody, void **out,
                             sluice_error *err) {
  service *self = ctx;
  (void)err;
  call *at = calloc(1, sizeof *at);
  sluice_chunk chunk = {{(const uint8_t *)"first", 5}, NULL};
  pthread_t thread;
  (void)body;
  (void)nbody;
  if (!at)
    return SLUICE_E_NOMEM;
  *at = (call){.self = self, .id = id, .tag = tag, .left = self->total};
  *out = at;
  switch (tag) {
  case DOWN:
  case OWNED:
    begin(at);
    pump(at);
    return SLUICE_PENDING;
  case FLOOD:
    /* Takes no notice of what write() answers, but for the last refusal. */
    begin(at);
    chunk.bytes = (sluice_span){calloc(1, 1 << 20), 1 << 20};
    while (self->http->write(id, &chunk, 1, 0) != SLUICE_E_LIMIT)
      at->pieces++;
    free((void *)chunk.bytes.data);
    self->http->finish(id, (sluice_headers){NULL, 0});
    return SLUICE_OK;
  case ECHO:
    begin(at);
    if (request->flags & SLUICE_REQ_END)
      self->http->finish(id, (sluice_headers){NULL, 0});
    return SLUICE_PENDING;
  case OPEN:
    begin(at);
    self->http->write(id, &chunk, 1, 0);
    return SLUICE_PENDING;
  case BREAK:
    begin(at);
    self->http->write(id, &chunk, 1, 0);
    self->http->abort(id, (sluice_span){NULL, 0});
    return SLUICE_OK;
  case DENY:
    respond(at, request->flags & SLUICE_REQ_EXPECT ? 403 : 500);
    return SLUICE_OK;
  case HALF:
    begin(at);
    free(at);
    return SLUICE_E_INTERNAL;
  case WRONG:
    begin(at);
    chunk.bytes = (sluice_span){NULL, 5};
    at->seen = self->http->write(id, &chunk, 1, 0) == SLUICE_E_INVALID;
    chunk.bytes = (sluice_span){(const uint8_t *)"x", (size_t)-1};
    at->seen += self->http->write(id, &chunk, 1, 0) == SLUICE_E_INVALID;
    self->http->finish(id, (sluice_headers){NULL, 0});
    return SLUICE_OK;
  case LATE:
    if (pthread_create(&thread, NULL, answer_late, at) == 0)
      pthread_detach(thread);
    return SLUICE_PENDING;
  default:
    return SLUICE_PENDING;
  }
}

static void count(call *at) {
  char text[64];
  sluice_response response = {.size = sizeof response, .status = 200};
  sluice_chunk piece;
  int length = snprintf(text, sizeof text, "%llu", at->seen);
  piece = (sluice_chunk){{(const uint8_t *)text, (size_t)length}, NULL};
  response.body = &piece;
  response.nbody = 1;
  at->self->http->respond(at->id, &response, NULL);
}

static sluice_status body(void *ctx, void *context, sluice_rid id, const sluice_chunk *chunks,
                          size_t n, uint32_t flags) {
  service *self = ctx;
  call *at = context;
  sluice_tid timer;
  for (size_t i = 0; i < n; i++)
    at->seen += chunks[i].bytes.len;
  at->pieces++;
  if (at->tag == ECHO) {
    sluice_status status = self->http->write(id, chunks, n, flags);
    at->waits += status == SLUICE_E_AGAIN;
    return status == SLUICE_E_AGAIN ? SLUICE_E_AGAIN : SLUICE_OK;
  }
  if (at->tag == FAIL)
    return SLUICE_E_INVALID;
  if (flags & SLUICE_END) {
    count(at);
    return SLUICE_OK;
  }
  if (at->tag == EAGER) {
    self->http->resume(id, SLUICE_REQUEST);
    return at->pieces % 2 ? SLUICE_E_AGAIN : SLUICE_OK;
  }
  if (at->tag == SLOW) {
    self->exec->timer(self->exec, PAUSE_NANOSECONDS, 0, go_on, at, &timer);
    return SLUICE_E_AGAIN;
  }
  return SLUICE_OK;
}

static void writable(void *self, void *ctx, sluice_rid id) {
  call *at = ctx;
  (void)self;
  if (at->tag == ECHO)
    at->self->http->resume(id, SLUICE_REQUEST);
  else
    pump(at);
}

static void cancel(void *self, void *ctx, sluice_rid id, int32_t why) {
  (void)self;
  (void)id;
  event(ctx, "cancel", 0, why);
}

static void done(void *self, void *ctx, sluice_rid id, const sluice_exchange *exchange) {
  (void)self;
  (void)id;
  event(ctx, "done", exchange->status, exchange->close);
  free(ctx);
}

static sluice_status mounts(void *ctx, sluice_list *out, sluice_error *err) {
  service *self = ctx;
  (void)err;
  static char prefixes[MOUNTS][16];
  for (int i = 0; i < MOUNTS; i++) {
    snprintf(prefixes[i], sizeof prefixes[i], "/%s", names[i]);
    self->mounts[i].size = sizeof self->mounts[i];
    self->mounts[i].prefix = sluice_text(prefixes[i]);
    self->mounts[i].body = SLUICE_BODY_STREAM;
    self->mounts[i].max_body = 1u << 31;
    self->mounts[i].tag = (uint32_t)i;
    self->mounts[i].flags = i == SLOW || i == FLOOD ? 0 : SLUICE_MOUNT_INLINE;
  }
  *out = sluice_items(self->mounts, MOUNTS, sizeof self->mounts[0]);
  return SLUICE_OK;
}

static sluice_status create(const sluice_host *host, const sluice_instance *inst, void **out,
                            sluice_error *err) {
  service *self = calloc(1, sizeof *self);
  char json[2048] = {0};
  const char *value;
  if (!self)
    return sluice_fail(err, SLUICE_E_NOMEM, sluice_text("no memory"));
  memcpy(json, inst->config.data,
         inst->config.len < sizeof json ? inst->config.len : sizeof json - 1);
  if ((value = strstr(json, "\"events\":\"")))
    sscanf(value + 10, "%511[^\"]", self->events);
  if ((value = strstr(json, "\"bytes\":")))
    self->total = strtoull(value + 8, NULL, 10);
  self->http = host->find(host, SLUICE_IF_HTTP);
  self->exec = host->find(host, SLUICE_IF_EXEC);
  self->bytes = host->find(host, SLUICE_IF_BYTES);
  *out = self;
  return SLUICE_OK;
}

static const void *role(void *self, const char *id) {
  static const sluice_service_ops ops = {.size = sizeof ops,
                                         .mounts = mounts,
                                         .request = request,
                                         .body = body,
                                         .writable = writable,
                                         .cancel = cancel,
                                         .done = done};
  (void)self;
  return strcmp(id, SLUICE_ROLE_SERVICE) == 0 ? &ops : NULL;
}

static void destroy(void *ctx) { free(ctx); }

const sluice_plugin_desc *sluice_plugin_entry(const sluice_hello *hello, sluice_error *err) {
  static const sluice_plugin_ops ops = {
      .size = sizeof ops, .create = create, .role = role, .destroy = destroy};
  static sluice_plugin_desc description;
  (void)hello;
  (void)err;
  description.size = sizeof description;
  description.stamp = sluice_stamp_make();
  description.id = sluice_text("test.streams");
  description.version = sluice_text("1.0.0");
  description.summary = sluice_text("Streams requests and answers.");
  description.config_schema =
      sluice_text("{\"type\":\"object\",\"properties\":{\"events\":{\"type\":\"string\"},"
                  "\"bytes\":{\"type\":\"integer\"}}}");
  description.ops = &ops;
  return &description;
}
