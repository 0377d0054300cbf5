/* A source that publishes the documents of one file: a line is a kind, a tab, a name, a tab and
 * JSON. A file that is renamed over it is published as a whole.
 * Its configuration: {"file":"/a/file"}. */
#include "sluice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define LOOK_NANOSECONDS 10000000u

typedef struct documents {
  const sluice_routing_api *routing;
  const sluice_health_api *health;
  const sluice_log_api *log;
  const sluice_exec_api *exec;
  sluice_tid timer;
  struct stat published; /* of the file that was published last */
  int committing;
  char file[512];
} documents;

static void say(documents *self, sluice_span text) {
  self->log->write(self->log, SLUICE_LOG_ERROR, text, NULL, 0);
}

static void issue(void *ctx, const sluice_issue *issue) { say(ctx, issue->text); }

static void committed(void *ctx, sluice_status status, uint64_t generation) {
  documents *self = ctx;
  (void)generation;
  self->committing = 0;
  self->health->report(self->health, sluice_text("documents"),
                       status < 0 ? SLUICE_HEALTH_FAILED : SLUICE_HEALTH_READY,
                       sluice_text("published"));
}

static void put(documents *self, sluice_txn *txn, char *line) {
  sluice_error error = {.size = sizeof error};
  sluice_document document = {.size = sizeof document};
  char *rest = line, *kind = strsep(&rest, "\t"), *name = strsep(&rest, "\t");
  if (rest == NULL)
    return;
  rest[strcspn(rest, "\n")] = 0;
  document.kind = sluice_text(kind);
  document.name = sluice_text(name);
  document.where = sluice_text("documents");
  document.json = sluice_text(rest);
  if (self->routing->put(self->routing, txn, &document, &error) < 0)
    say(self, sluice_bytes(error.text, error.text_len));
}

static void publish(documents *self, FILE *file) {
  sluice_txn *txn = NULL;
  char *line = NULL;
  size_t room = 0;
  if (self->routing->begin(self->routing, sluice_text("documents"), SLUICE_TXN_RESYNC, &txn,
                           NULL) < 0)
    return;
  while (getline(&line, &room, file) > 0)
    put(self, txn, line);
  free(line);
  self->committing =
      self->routing->commit(self->routing, txn, issue, committed, self) == SLUICE_PENDING;
}

static int is_new(const documents *self, const struct stat *now) {
  const struct stat *old = &self->published;
  return now->st_ino != old->st_ino || now->st_mtim.tv_sec != old->st_mtim.tv_sec ||
         now->st_mtim.tv_nsec != old->st_mtim.tv_nsec;
}

static void look(void *ctx, sluice_status why) {
  documents *self = ctx;
  struct stat now;
  FILE *file;
  if (why != SLUICE_OK || self->committing || (file = fopen(self->file, "r")) == NULL)
    return;
  if (fstat(fileno(file), &now) == 0 && is_new(self, &now)) {
    self->published = now;
    publish(self, file);
  }
  fclose(file);
}

static sluice_status create(const sluice_host *host, const sluice_instance *inst, void **out,
                            sluice_error *err) {
  char json[1024] = {0};
  const char *value;
  documents *self = calloc(1, sizeof *self);
  if (!self)
    return sluice_fail(err, SLUICE_E_NOMEM, sluice_text("no memory"));
  self->routing = host->find(host, SLUICE_IF_ROUTING);
  self->health = host->find(host, SLUICE_IF_HEALTH);
  self->log = host->find(host, SLUICE_IF_LOG);
  self->exec = host->find(host, SLUICE_IF_EXEC);
  memcpy(json, inst->config.data,
         inst->config.len < sizeof json ? inst->config.len : sizeof json - 1);
  value = strstr(json, "\"file\":\"");
  if (value)
    sscanf(value + 8, "%511[^\"]", self->file);
  *out = self;
  return SLUICE_OK;
}

static sluice_status start(void *ctx, sluice_error *err) {
  documents *self = ctx;
  (void)err;
  self->health->report(self->health, sluice_text("documents"), SLUICE_HEALTH_STARTING,
                       sluice_text("reading"));
  look(self, SLUICE_OK);
  return self->exec->timer(self->exec, LOOK_NANOSECONDS, LOOK_NANOSECONDS, look, self,
                           &self->timer);
}

static sluice_status resync(void *ctx, sluice_error *err) {
  documents *self = ctx;
  (void)err;
  self->published = (struct stat){0};
  look(self, SLUICE_OK);
  return SLUICE_OK;
}

static const void *role(void *self, const char *id) {
  static const sluice_source_ops source = {.size = sizeof source, .required = 1, .resync = resync};
  (void)self;
  return strcmp(id, SLUICE_ROLE_SOURCE) == 0 ? &source : NULL;
}

static void destroy(void *self) { free(self); }

const sluice_plugin_desc *sluice_plugin_entry(const sluice_hello *hello, sluice_error *err) {
  static const sluice_plugin_ops ops = {
      .size = sizeof ops, .create = create, .role = role, .start = start, .destroy = destroy};
  static sluice_plugin_desc description;
  (void)hello;
  (void)err;
  description.size = sizeof description;
  description.stamp = sluice_stamp_make();
  description.id = sluice_text("test.documents");
  description.version = sluice_text("1.0.0");
  description.summary = sluice_text("Publishes the documents of a file.");
  description.config_schema =
      sluice_text("{\"type\":\"object\",\"properties\":{\"file\":{\"type\":\"string\"}}}");
  description.ops = &ops;
  return &description;
}
