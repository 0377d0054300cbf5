/* A service that is reloaded: it answers `VERSION:<answer>` at its mount, and writes what happens
 * to it to a file. Its configuration: {"answer":"a","mount":"/r","events":"/a/file",
 * "go":"/another/file","reconfigure":"apply|refuse|cannot","exclusive":true,"start":"fail|wait"}.
 * A call of <mount>/slow is answered when `go` is there. */
#include "sluice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef VERSION
#define VERSION "1"
#endif
#ifndef FLAGS
#define FLAGS 0u
#endif

#define LOOK_NANOSECONDS 2000000u
#define LOOK_MICROSECONDS 1000u

enum { PLAIN, SLOW, MOUNTS };

typedef struct service {
  const sluice_http_api *http;
  const sluice_exec_api *exec;
  char answer[64], mount[64], events[512], go[512], reconfigure[16], start[16], exclusive[8];
  char prefixes[MOUNTS][128];
  sluice_mount mounts[MOUNTS];
} service;

typedef struct call {
  service *self;
  sluice_rid id;
  char text[128];
} call;

static void member(sluice_span config, const char *key, char *out, const char *form) {
  char json[4096] = {0};
  const char *found;
  memcpy(json, config.data, config.len < sizeof json ? config.len : sizeof json - 1);
  found = strstr(json, key);
  if (found)
    sscanf(found + strlen(key), form, out);
}

static void read_config(service *self, sluice_span config) {
  strcpy(self->mount, "/r");
  strcpy(self->answer, "");
  member(config, "\"answer\":\"", self->answer, "%63[^\"]");
  member(config, "\"mount\":\"", self->mount, "%63[^\"]");
  member(config, "\"events\":\"", self->events, "%511[^\"]");
  member(config, "\"go\":\"", self->go, "%511[^\"]");
  member(config, "\"reconfigure\":\"", self->reconfigure, "%15[^\"]");
  member(config, "\"start\":\"", self->start, "%15[^\"]");
  member(config, "\"exclusive\":", self->exclusive, "%7[a-z]");
}

static void event(const service *self, const char *what) {
  FILE *file = self->events[0] ? fopen(self->events, "a") : NULL;
  if (!file)
    return;
  fprintf(file, "%s %s\n", what, self->answer);
  fclose(file);
}

static void respond(service *self, sluice_rid id, const char *text) {
  sluice_chunk piece = {sluice_text(text), NULL};
  sluice_response response = {.size = sizeof response, .status = 200, .body = &piece, .nbody = 1};
  self->http->respond(id, &response, NULL);
}

static void look(void *ctx, sluice_status why) {
  call *slow = ctx;
  if (why == SLUICE_OK && access(slow->self->go, F_OK) != 0) {
    slow->self->exec->timer(slow->self->exec, LOOK_NANOSECONDS, 0, look, slow, NULL);
    return;
  }
  respond(slow->self, slow->id, slow->text);
  free(slow);
}

static sluice_status request(void *ctx, sluice_rid id, uint32_t tag, const sluice_request *request,
                             const sluice_chunk *body, size_t nbody, void **out,
                             sluice_error *err) {
  service *self = ctx;
  call *one = calloc(1, sizeof *one);
  (void)request, (void)body, (void)nbody, (void)out, (void)err;
  if (!one)
    return SLUICE_E_NOMEM;
  one->self = self;
  one->id = id;
  snprintf(one->text, sizeof one->text, VERSION ":%s", self->answer);
  if (tag == SLOW) {
    self->exec->timer(self->exec, LOOK_NANOSECONDS, 0, look, one, NULL);
    return SLUICE_PENDING;
  }
  respond(self, id, one->text);
  free(one);
  return SLUICE_OK;
}

static sluice_status mounts(void *ctx, sluice_list *out, sluice_error *err) {
  service *self = ctx;
  (void)err;
  snprintf(self->prefixes[PLAIN], sizeof self->prefixes[0], "%s", self->mount);
  snprintf(self->prefixes[SLOW], sizeof self->prefixes[0], "%s/slow", self->mount);
  for (uint32_t k = 0; k < MOUNTS; k++)
    self->mounts[k] = (sluice_mount){.size = sizeof(sluice_mount),
                                     .prefix = sluice_text(self->prefixes[k]),
                                     .tag = k};
  *out = sluice_items(self->mounts, MOUNTS, sizeof self->mounts[0]);
  return SLUICE_OK;
}

static sluice_status create(const sluice_host *host, const sluice_instance *inst, void **out,
                            sluice_error *err) {
  service *self = calloc(1, sizeof *self);
  if (!self)
    return sluice_fail(err, SLUICE_E_NOMEM, sluice_text("no memory"));
  self->http = host->find(host, SLUICE_IF_HTTP);
  self->exec = host->find(host, SLUICE_IF_EXEC);
  read_config(self, inst->config);
  event(self, "create");
  *out = self;
  return SLUICE_OK;
}

static uint32_t traits(void *ctx) {
  return strcmp(((service *)ctx)->exclusive, "true") == 0 ? SLUICE_TRAIT_EXCLUSIVE : 0;
}

static sluice_status start(void *ctx, sluice_error *err) {
  service *self = ctx;
  if (strcmp(self->start, "fail") == 0)
    return sluice_fail_at(err, SLUICE_E_STATE, sluice_text("/start"), sluice_text("it must not"));
  event(self, "start");
  if (strcmp(self->start, "wait") == 0)
    while (access(self->go, F_OK) != 0)
      usleep(LOOK_MICROSECONDS);
  return SLUICE_OK;
}

#ifndef NO_RECONFIGURE
static sluice_status reconfigure(void *ctx, sluice_span config, sluice_error *err) {
  service *self = ctx;
  service next = *self;
  read_config(&next, config);
  if (strcmp(next.reconfigure, "refuse") == 0)
    return sluice_fail_at(err, SLUICE_E_INVALID, sluice_text("/answer"), sluice_text("not this"));
  if (strcmp(next.reconfigure, "cannot") == 0)
    return SLUICE_E_UNSUPPORTED;
  *self = next;
  event(self, "reconfigure");
  return SLUICE_OK;
}
#endif

static sluice_status stop(void *ctx, uint64_t deadline) {
  (void)deadline;
  event(ctx, "stop");
  return SLUICE_OK;
}

static void destroy(void *ctx) {
  event(ctx, "destroy");
  free(ctx);
}

static const void *role(void *self, const char *id) {
  static const sluice_service_ops ops = {
      .size = sizeof ops, .mounts = mounts, .request = request};
  (void)self;
  return strcmp(id, SLUICE_ROLE_SERVICE) == 0 ? &ops : NULL;
}

const sluice_plugin_desc *sluice_plugin_entry(const sluice_hello *hello, sluice_error *err) {
  static const sluice_plugin_ops ops = {.size = sizeof ops,
                                        .create = create,
                                        .traits = traits,
                                        .role = role,
                                        .start = start,
#ifndef NO_RECONFIGURE
                                        .reconfigure = reconfigure,
#endif
                                        .stop = stop,
                                        .destroy = destroy};
  static sluice_plugin_desc description;
  (void)hello, (void)err;
  description.size = sizeof description;
  description.flags = FLAGS;
  description.stamp = sluice_stamp_make();
  description.id = sluice_text("test.reloads");
  description.version = sluice_text(VERSION);
  description.summary = sluice_text("Is reloaded.");
  description.config_schema =
      sluice_text("{\"type\":\"object\",\"properties\":{\"answer\":{\"type\":\"string\"}}}");
  description.ops = &ops;
  return &description;
}
