/* A service with a mount for each manner of answering; it writes the end of every call to a file.
 * Its configuration: {"events":"/a/file","go":"/another/file"}; a call of /spin ends when `go`
 * is there. */
#include "sluice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef SLUICE_MOUNT_HALF_CLOSE
#define SLUICE_MOUNT_HALF_CLOSE 2u
#endif

#define BIG_BYTES (16u << 20)
#define LATE_NANOSECONDS 400000000u
#define HOLD_NANOSECONDS 300000000u
#define SPIN_MICROSECONDS 1000u

enum { PLAIN, BIG, HOLD, OPEN, LATE, NEVER, HALF, SPIN, MOUNTS };

static const char *const names[MOUNTS] = {
    "plain", "big", "hold", "open", "late", "never", "half", "spin"};

typedef struct service {
  const sluice_http_api *http;
  const sluice_exec_api *exec;
  sluice_mount mounts[MOUNTS];
  uint8_t *big;
  char events[512];
  char go[512];
} service;

typedef struct call {
  service *self;
  sluice_rid id;
  uint32_t tag;
} call;

static void respond(service *self, sluice_rid id, const uint8_t *bytes, size_t length) {
  sluice_chunk piece = {{bytes, length}, NULL};
  sluice_response response = {.size = sizeof response, .status = 200};
  response.body = &piece;
  response.nbody = 1;
  self->http->respond(id, &response, NULL);
}

static void answer_late(void *ctx, sluice_status why) {
  call *late = ctx;
  if (why == SLUICE_OK)
    respond(late->self, late->id, (const uint8_t *)"late", 4);
  free(late);
}

static sluice_status request(void *ctx, sluice_rid id, uint32_t tag, const sluice_request *request,
                             const sluice_chunk *body, size_t nbody, void **out,
                             sluice_error *err) {
  service *self = ctx;
  (void)err;
  sluice_tid timer;
  call *late;
  (void)request;
  (void)body;
  (void)nbody;
  *out = self->mounts + tag;
  if (tag == HOLD || tag == OPEN)
    return SLUICE_PENDING;
  if (tag == SPIN)
    while (access(self->go, F_OK) != 0)
      usleep(SPIN_MICROSECONDS);
  if (tag == LATE || tag == NEVER || tag == HALF) {
    late = calloc(1, sizeof *late);
    if (!late)
      return SLUICE_E_NOMEM;
    *late = (call){self, id, tag};
    self->exec->timer(self->exec, LATE_NANOSECONDS, 0, answer_late, late, &timer);
    return SLUICE_PENDING;
  }
  respond(self, id, tag == BIG ? self->big : (const uint8_t *)"plain", tag == BIG ? BIG_BYTES : 5);
  return SLUICE_OK;
}

static void event(service *self, const void *mount, const char *what, int status, int why,
                  unsigned long long bytes) {
  FILE *file = fopen(self->events, "a");
  if (!file)
    return;
  fprintf(file, "{\"call\":\"%s\",\"event\":\"%s\",\"status\":%d,\"why\":%d,\"bytes\":%llu}\n",
          names[(const sluice_mount *)mount - self->mounts], what, status, why, bytes);
  fclose(file);
}

static void cancel(void *self, void *ctx, sluice_rid id, int32_t why) {
  (void)id;
  event(self, ctx, "cancel", 0, why, 0);
}

static void done(void *self, void *ctx, sluice_rid id, const sluice_exchange *exchange) {
  (void)id;
  event(self, ctx, "done", exchange->status, exchange->close, exchange->tx_bytes);
}

static sluice_status mounts(void *ctx, sluice_list *out, sluice_error *err) {
  service *self = ctx;
  (void)err;
  static char prefixes[MOUNTS][16];
  for (int i = 0; i < MOUNTS; i++) {
    snprintf(prefixes[i], sizeof prefixes[i], "/%s", names[i]);
    self->mounts[i].size = sizeof self->mounts[i];
    self->mounts[i].prefix = sluice_text(prefixes[i]);
    self->mounts[i].body = SLUICE_BODY_BUFFERED;
    self->mounts[i].max_body = 1 << 20;
    self->mounts[i].tag = (uint32_t)i;
  }
  self->mounts[HOLD].head_ns = HOLD_NANOSECONDS;
  self->mounts[NEVER].head_ns = SLUICE_NEVER;
  self->mounts[HALF].flags = SLUICE_MOUNT_HALF_CLOSE;
  self->mounts[SPIN].flags = SLUICE_MOUNT_INLINE;
  *out = sluice_items(self->mounts, MOUNTS, sizeof self->mounts[0]);
  return SLUICE_OK;
}

static void member(const sluice_instance *inst, const char *key, char *out) {
  char json[2048] = {0};
  const char *value;
  memcpy(json, inst->config.data,
         inst->config.len < sizeof json ? inst->config.len : sizeof json - 1);
  value = strstr(json, key);
  if (value)
    sscanf(value + strlen(key), "%511[^\"]", out);
}

static sluice_status create(const sluice_host *host, const sluice_instance *inst, void **out,
                            sluice_error *err) {
  service *self = calloc(1, sizeof *self);
  if (!self || !(self->big = malloc(BIG_BYTES)))
    return sluice_fail(err, SLUICE_E_NOMEM, sluice_text("no memory"));
  memset(self->big, 'b', BIG_BYTES);
  self->http = host->find(host, SLUICE_IF_HTTP);
  self->exec = host->find(host, SLUICE_IF_EXEC);
  member(inst, "\"events\":\"", self->events);
  member(inst, "\"go\":\"", self->go);
  *out = self;
  return SLUICE_OK;
}

static const void *role(void *self, const char *id) {
  static const sluice_service_ops ops = {.size = sizeof ops,
                                         .mounts = mounts,
                                         .request = request,
                                         .cancel = cancel,
                                         .done = done};
  (void)self;
  return strcmp(id, SLUICE_ROLE_SERVICE) == 0 ? &ops : NULL;
}

static void destroy(void *ctx) {
  service *self = ctx;
  free(self->big);
  free(self);
}

const sluice_plugin_desc *sluice_plugin_entry(const sluice_hello *hello, sluice_error *err) {
  static const sluice_plugin_ops ops = {
      .size = sizeof ops, .create = create, .role = role, .destroy = destroy};
  static sluice_plugin_desc description;
  (void)hello;
  (void)err;
  description.size = sizeof description;
  description.stamp = sluice_stamp_make();
  description.id = sluice_text("test.service");
  description.version = sluice_text("1.0.0");
  description.summary = sluice_text("Answers in every manner.");
  description.config_schema =
      sluice_text("{\"type\":\"object\",\"properties\":{\"events\":{\"type\":\"string\"},"
                  "\"go\":{\"type\":\"string\"}}}");
  description.ops = &ops;
  return &description;
}
