/* A service with a mount for each thing that a plugin may do with an exchange beside a plain
 * answer. Its configuration: {"events":"/a/file"}, where the end of each call is written. */
#include "sluice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IDLE_NANOSECONDS 300000000u
#define DEADLINE_NANOSECONDS 300000000u

enum {
  TOLD,
  INFORM,
  TRAILERS,
  BUFFERED,
  UPGRADE,
  DEADLINE,
  IDLE,
  TOTAL,
  WRONG,
  REASON,
  FORWARD,
  HANDED,
  MOUNTS
};

static const char *const names[MOUNTS] = {"told",     "inform",  "trailers", "buffered",
                                          "upgrade",  "deadline", "idle",    "total",
                                          "wrong",    "reason",  "forward",  "handed"};

typedef struct service {
  const sluice_http_api *http;
  const sluice_exec_api *exec;
  sluice_mount mounts[MOUNTS];
  char events[512];
} service;

typedef struct call {
  service *self;
  uint32_t tag;
  char said[2048];
  size_t length;
} call;

static void say(call *at, const char *name, sluice_span value) {
  int more = snprintf(at->said + at->length, sizeof at->said - at->length, "%s=%.*s\n", name,
                      value.data ? (int)value.len : 1, value.data ? (const char *)value.data : "-");
  if (more > 0 && at->length + (size_t)more < sizeof at->said)
    at->length += (size_t)more;
}

static sluice_status respond(call *at, sluice_rid id, sluice_error *err) {
  sluice_chunk piece = {sluice_bytes(at->said, at->length), NULL};
  sluice_response response = {.size = sizeof response, .status = 200, .body = &piece, .nbody = 1};
  return at->self->http->respond(id, &response, err);
}

static sluice_headers one(sluice_header *header, const char *name, const char *value) {
  sluice_headers list = {header, 1};
  *header = (sluice_header){sluice_text(name), sluice_text(value), 0, 0};
  return list;
}

/* What the host says of a request, read from the struct and by header(). */
static void tell(call *at, sluice_rid id, const sluice_request *r) {
  char flags[16];
  say(at, "scheme", r->scheme);
  say(at, "sni", r->sni);
  say(at, "client_cert", r->client_cert);
  say(at, "request_id", r->request_id);
  say(at, "trace_parent", r->trace_parent);
  say(at, "path", r->path);
  say(at, "suffix", r->suffix);
  say(at, "route", r->route);
  snprintf(flags, sizeof flags, "%u", r->flags);
  say(at, "flags", sluice_text(flags));
  say(at, "x", at->self->http->header(id, SLUICE_REQUEST, sluice_text("X-Seen"), 0));
  say(at, "x2", at->self->http->header(id, SLUICE_REQUEST, sluice_text("x-seen"), 1));
  say(at, "forwarded", at->self->http->header(id, SLUICE_REQUEST,
                                              sluice_text("x-forwarded-client-cert"), 0));
}

static sluice_status wrong(call *at, sluice_rid id) {
  static const struct {
    const char *name, *value;
    int status;
  } bad[] = {{"x-a", "1\r\n2", 200}, {"x a", "1", 200}, {"x-a", "1", 99}, {"x-a", "1", 600}};
  const sluice_http_api *http = at->self->http;
  sluice_header header;
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    sluice_error err = {.size = sizeof err};
    sluice_headers list = one(&header, bad[i].name, bad[i].value);
    sluice_response response = {.size = sizeof response, .status = bad[i].status, .headers = list};
    if (http->respond(id, &response, &err) == SLUICE_E_INVALID)
      say(at, "respond", sluice_bytes(err.text, err.text_len));
    err = (sluice_error){.size = sizeof err};
    if (http->begin(id, bad[i].status, list, &err) == SLUICE_E_INVALID)
      say(at, "begin", sluice_bytes(err.text, err.text_len));
  }
  sluice_error err = {.size = sizeof err};
  if (http->begin(id, 101, one(&header, "upgrade", "x"), &err) == SLUICE_E_STATE)
    say(at, "101", sluice_bytes(err.text, err.text_len));
  err = (sluice_error){.size = sizeof err};
  if (http->inform(id, 200, one(&header, "x-a", "1"), &err) == SLUICE_E_INVALID)
    say(at, "inform", sluice_bytes(err.text, err.text_len));
  return respond(at, id, NULL);
}

/* To the pool that the request names. */
static sluice_status forward(call *at, sluice_rid id, sluice_error *err) {
  sluice_header header;
  sluice_span dropped = sluice_text("x-drop");
  sluice_forward to = {.size = sizeof to,
                       .pool = at->self->http->header(id, SLUICE_REQUEST, sluice_text("x-pool"), 0),
                       .path = sluice_text("/origin?by=plugin"),
                       .set = one(&header, "x-by", "plugin"),
                       .remove = &dropped,
                       .nremove = 1};
  sluice_status status = at->self->http->forward(id, &to, err);
  return status == SLUICE_OK ? SLUICE_PENDING : status;
}

static sluice_status request(void *ctx, sluice_rid id, uint32_t tag, const sluice_request *r,
                             const sluice_chunk *body, size_t nbody, void **out,
                             sluice_error *err) {
  service *self = ctx;
  sluice_header header;
  sluice_chunk hello = {sluice_text("hello"), NULL};
  call *at = calloc(1, sizeof *at);
  (void)body, (void)nbody;
  if (!at)
    return SLUICE_E_NOMEM;
  *at = (call){.self = self, .tag = tag};
  *out = at;
  switch (tag) {
  case TOLD:
    tell(at, id, r);
    return respond(at, id, err);
  case INFORM:
    self->http->inform(id, 103, one(&header, "link", "</a.css>; rel=preload"), err);
    self->http->inform(id, 102, (sluice_headers){NULL, 0}, err);
    say(at, "done", sluice_text("yes"));
    return respond(at, id, err);
  case TRAILERS:
    self->http->begin(id, 200, one(&header, "x-kind", "stream"), err);
    if (r->flags & SLUICE_REQ_END) {
      self->http->write(id, &hello, 1, 0);
      self->http->finish(id, one(&header, "grpc-status", "0"));
    }
    return SLUICE_PENDING;
  case BUFFERED:
    for (size_t i = 0; i < r->trailers.count; i++)
      say(at, "trailer", r->trailers.items[i].value);
    say(at, "by name", self->http->header(id, SLUICE_REQUEST | SLUICE_TRAILERS,
                                          sluice_text("X-Sum"), 0));
    return respond(at, id, err);
  case UPGRADE:
    self->http->begin(id, 101, one(&header, "upgrade", "raw"), err);
    self->http->write(id, &hello, 1, 0);
    return SLUICE_PENDING;
  case DEADLINE:
    self->http->deadline(id, self->exec->now_ns(self->exec) + DEADLINE_NANOSECONDS);
    return SLUICE_PENDING;
  case IDLE:
  case TOTAL:
    self->http->begin(id, 200, (sluice_headers){NULL, 0}, err);
    self->http->write(id, &hello, 1, 0);
    return SLUICE_PENDING;
  case WRONG:
    return wrong(at, id);
  case FORWARD:
  case HANDED:
    return forward(at, id, err);
  default:
    return sluice_fail(err, SLUICE_E_IO, sluice_text("the paper is out"));
  }
}

static sluice_status body(void *ctx, void *context, sluice_rid id, const sluice_chunk *chunks,
                          size_t n, uint32_t flags) {
  service *self = ctx;
  call *at = context;
  sluice_header header;
  sluice_status status = n ? self->http->write(id, chunks, n, 0) : SLUICE_OK;
  if (flags & SLUICE_END) {
    if (at->tag == TRAILERS)
      self->http->finish(id, one(&header, "x-sum", at->said));
    else
      self->http->finish(id, (sluice_headers){NULL, 0});
  }
  return status == SLUICE_E_AGAIN ? SLUICE_E_AGAIN : SLUICE_OK;
}

static void trailers(void *self, void *context, sluice_rid id, sluice_headers list) {
  call *at = context;
  (void)self, (void)id;
  for (size_t i = 0; i < list.count; i++)
    snprintf(at->said, sizeof at->said, "%.*s:%.*s", (int)list.items[i].name.len,
             list.items[i].name.data, (int)list.items[i].value.len, list.items[i].value.data);
}

static void writable(void *ctx, void *context, sluice_rid id) {
  service *self = ctx;
  (void)context;
  self->http->resume(id, SLUICE_REQUEST);
}

static void event(call *at, const char *what, int status, int why, uint64_t sent) {
  FILE *file = fopen(at->self->events, "a");
  if (!file)
    return;
  fprintf(file, "{\"call\":\"%s\",\"event\":\"%s\",\"status\":%d,\"why\":%d,\"bytes\":%llu}\n",
          names[at->tag], what, status, why, (unsigned long long)sent);
  fclose(file);
}

static void cancel(void *self, void *ctx, sluice_rid id, int32_t why) {
  (void)self, (void)id;
  event(ctx, "cancel", 0, why, 0);
}

static void done(void *self, void *ctx, sluice_rid id, const sluice_exchange *exchange) {
  (void)self, (void)id;
  event(ctx, "done", exchange->status, exchange->close, exchange->tx_bytes);
  free(ctx);
}

static sluice_status mounts(void *ctx, sluice_list *out, sluice_error *err) {
  service *self = ctx;
  static char prefixes[MOUNTS][16];
  (void)err;
  for (int i = 0; i < MOUNTS; i++) {
    snprintf(prefixes[i], sizeof prefixes[i], "/%s", names[i]);
    self->mounts[i].size = sizeof self->mounts[i];
    self->mounts[i].prefix = sluice_text(prefixes[i]);
    self->mounts[i].body = i == BUFFERED || i == HANDED ? SLUICE_BODY_BUFFERED : SLUICE_BODY_STREAM;
    self->mounts[i].max_body = 1u << 20;
    self->mounts[i].tag = (uint32_t)i;
    self->mounts[i].flags = SLUICE_MOUNT_INLINE;
  }
  self->mounts[TOLD].methods = SLUICE_M_GET;
  self->mounts[IDLE].idle_ns = IDLE_NANOSECONDS;
  self->mounts[TOTAL].total_ns = IDLE_NANOSECONDS;
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
  self->http = host->find(host, SLUICE_IF_HTTP);
  self->exec = host->find(host, SLUICE_IF_EXEC);
  *out = self;
  return SLUICE_OK;
}

static const void *role(void *self, const char *id) {
  static const sluice_service_ops ops = {.size = sizeof ops,
                                         .mounts = mounts,
                                         .request = request,
                                         .body = body,
                                         .trailers = trailers,
                                         .writable = writable,
                                         .cancel = cancel,
                                         .done = done};
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
  description.id = sluice_text("test.exchange");
  description.version = sluice_text("1.0.0");
  description.summary = sluice_text("Does with an exchange what a plugin may.");
  description.config_schema =
      sluice_text("{\"type\":\"object\",\"properties\":{\"events\":{\"type\":\"string\"}}}");
  description.ops = &ops;
  return &description;
}
