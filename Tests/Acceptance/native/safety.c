/* A service that misbehaves on request: it holds its thread, floods the log, starts a program, and
 * tells what memory of the process is writable and executable.
 * Its configuration: {"go":"/a/file"}; what holds its thread lets go when the file is there. */
#include "sluice.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define FLOOD_LINES 1000000
#define LOOK_MICROSECONDS 1000u

enum { HOLD, FLOOD, MAPS, CHILD, PLAIN, MOUNTS };

static const char *const names[MOUNTS] = {"hold", "flood", "maps", "child", "plain"};

typedef struct service {
  const sluice_http_api *http;
  const sluice_log_api *log;
  sluice_mount mounts[MOUNTS];
  uint32_t restarts;
  char go[512];
} service;

static sluice_status say(service *self, sluice_rid id, const char *text) {
  sluice_chunk piece = {sluice_text(text), NULL};
  sluice_response response = {.size = sizeof response, .status = 200, .body = &piece, .nbody = 1};
  return self->http->respond(id, &response, NULL);
}

static int writable_code(void) {
  char line[512];
  int count = 0;
  FILE *file = fopen("/proc/self/maps", "r");
  while (file && fgets(line, sizeof line, file)) {
    const char *rights = strchr(line, ' ');
    count += rights && rights[2] == 'w' && rights[3] == 'x';
  }
  if (file)
    fclose(file);
  return count;
}

/* Runs a program that compiles code as it goes; its exit status, or -1. */
static int run_child(void) {
  extern char **environ;
  char *arguments[] = {"node", "-e", "let n = 0; for (let i = 0; i < 1e6; i++) n += i", NULL};
  pid_t child;
  int status = -1;
  if (posix_spawnp(&child, "node", NULL, NULL, arguments, environ) != 0)
    return -1;
  return waitpid(child, &status, 0) == child ? status : -1;
}

static sluice_status request(void *ctx, sluice_rid id, uint32_t tag, const sluice_request *r,
                             const sluice_chunk *body, size_t nbody, void **out,
                             sluice_error *err) {
  service *self = ctx;
  char text[32];
  (void)r, (void)body, (void)nbody, (void)err;
  *out = NULL;
  switch (tag) {
  case HOLD:
    while (access(self->go, F_OK) != 0)
      usleep(LOOK_MICROSECONDS);
    return say(self, id, "held");
  case FLOOD:
    for (int i = 0; i < FLOOD_LINES; i++)
      self->log->write(self->log, SLUICE_LOG_ERROR, sluice_text("flood"), NULL, 0);
    return say(self, id, "flooded");
  case MAPS:
    snprintf(text, sizeof text, "%d", writable_code());
    return say(self, id, text);
  case CHILD:
    snprintf(text, sizeof text, "%d", run_child());
    return say(self, id, text);
  default:
    snprintf(text, sizeof text, "%u", self->restarts);
    return say(self, id, text);
  }
}

static sluice_status mounts(void *ctx, sluice_list *out, sluice_error *err) {
  service *self = ctx;
  static char prefixes[MOUNTS][16];
  (void)err;
  for (int i = 0; i < MOUNTS; i++) {
    snprintf(prefixes[i], sizeof prefixes[i], "/%s", names[i]);
    self->mounts[i].size = sizeof self->mounts[i];
    self->mounts[i].prefix = sluice_text(prefixes[i]);
    self->mounts[i].tag = (uint32_t)i;
    self->mounts[i].flags = SLUICE_MOUNT_INLINE;
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
  if ((value = strstr(json, "\"go\":\"")))
    sscanf(value + 6, "%511[^\"]", self->go);
  self->http = host->find(host, SLUICE_IF_HTTP);
  self->log = host->find(host, SLUICE_IF_LOG);
  self->restarts = inst->restarts;
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
  description.id = sluice_text("test.safety");
  description.version = sluice_text("1.0.0");
  description.summary = sluice_text("Misbehaves on request.");
  description.config_schema =
      sluice_text("{\"type\":\"object\",\"properties\":{\"go\":{\"type\":\"string\"}}}");
  description.ops = &ops;
  return &description;
}
