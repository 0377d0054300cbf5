/* A source that publishes one world, waits for the file `go`, and then changes a route CHANGES
 * times, each change after the one before it is in force.
 * Its configuration: {"port":8080,"origin":9000,"go":"/a/file"}. */
#include "sluice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHANGES 10000
#define POLL_NANOSECONDS 10000000u

typedef struct churn {
  const sluice_routing_api *routing;
  const sluice_health_api *health;
  const sluice_log_api *log;
  const sluice_exec_api *exec;
  sluice_tid timer;
  long port;
  long origin;
  char go[256];
  int done;
} churn;

static const char *member(const char *json, const char *key) {
  const char *found = strstr(json, key);
  return found ? found + strlen(key) : "";
}

static void configure(churn *self, sluice_span config) {
  char json[512] = {0};
  memcpy(json, config.data, config.len < sizeof json ? config.len : sizeof json - 1);
  self->port = strtol(member(json, "\"port\":"), NULL, 10);
  self->origin = strtol(member(json, "\"origin\":"), NULL, 10);
  sscanf(member(json, "\"go\":\""), "%255[^\"]", self->go);
}

static void issue(void *ctx, const sluice_issue *issue) {
  churn *self = ctx;
  self->log->write(self->log, SLUICE_LOG_ERROR, issue->text, NULL, 0);
}

static void publish(churn *self);

static void committed(void *ctx, sluice_status status, uint64_t generation) {
  churn *self = ctx;
  (void)generation;
  if (status < 0) {
    self->health->report(self->health, sluice_text("churn"), SLUICE_HEALTH_FAILED,
                         sluice_text("refused"));
    return;
  }
  if (self->done++ == 0)
    self->health->report(self->health, sluice_text("churn"), SLUICE_HEALTH_READY,
                         sluice_text("published"));
  else if (self->done <= CHANGES)
    publish(self);
}

static void look(void *ctx, sluice_status why) {
  churn *self = ctx;
  if (why != SLUICE_OK || self->done == 0 || access(self->go, F_OK) != 0)
    return;
  self->exec->cancel(self->exec, self->timer);
  publish(self);
}

static sluice_status put(sluice_txn *txn, const churn *self, const char *kind, const char *name,
                         const char *json) {
  sluice_error error = {.size = sizeof error};
  sluice_document document = {.size = sizeof document};
  sluice_status status;
  document.kind = sluice_text(kind);
  document.name = sluice_text(name);
  document.where = sluice_text("churn");
  document.json = sluice_text(json);
  status = self->routing->put(self->routing, txn, &document, &error);
  if (status < 0)
    self->log->write(self->log, SLUICE_LOG_ERROR, sluice_bytes(error.text, error.text_len), NULL,
                     0);
  return status;
}

static void publish(churn *self) {
  sluice_txn *txn = NULL;
  char json[512];
  if (self->routing->begin(self->routing, sluice_text("churn"), 0, &txn, NULL) < 0)
    return;
  snprintf(json, sizeof json, "{\"port\":%ld,\"protocol\":\"HTTP\",\"address\":\"127.0.0.1\"}",
           self->port);
  put(txn, self, "listener", "test/web/http", json);
  snprintf(json, sizeof json,
           "{\"endpoints\":[{\"address\":\"127.0.0.1\",\"port\":%ld}]}", self->origin);
  put(txn, self, "pool", "test/origin/80", json);
  snprintf(json, sizeof json,
           "{\"listeners\":[\"test/web/http\"],\"hosts\":[\"h%d.test\"],\"rules\":[{\"matches\":"
           "[{\"path\":{\"prefix\":\"/p%d\"}}],\"backends\":[{\"pool\":\"test/origin/80\"}]}]}",
           self->done % 97, self->done);
  put(txn, self, "route", "test/changing", json);
  put(txn, self, "route", "test/fixed",
      "{\"listeners\":[\"test/web/http\"],\"rules\":[{\"matches\":[{\"path\":{\"prefix\":\"/\"}}],"
      "\"backends\":[{\"pool\":\"test/origin/80\"}]}]}");
  self->routing->commit(self->routing, txn, issue, committed, self);
}

static sluice_status create(const sluice_host *host, const sluice_instance *inst, void **out,
                            sluice_error *err) {
  churn *self = calloc(1, sizeof *self);
  if (!self)
    return sluice_fail(err, SLUICE_E_NOMEM, sluice_text("no memory"));
  self->routing = host->find(host, SLUICE_IF_ROUTING);
  self->health = host->find(host, SLUICE_IF_HEALTH);
  self->log = host->find(host, SLUICE_IF_LOG);
  self->exec = host->find(host, SLUICE_IF_EXEC);
  configure(self, inst->config);
  *out = self;
  return SLUICE_OK;
}

static sluice_status start(void *ctx, sluice_error *err) {
  churn *self = ctx;
  (void)err;
  self->health->report(self->health, sluice_text("churn"), SLUICE_HEALTH_STARTING,
                       sluice_text("publishing"));
  publish(self);
  return self->exec->timer(self->exec, POLL_NANOSECONDS, POLL_NANOSECONDS, look, self,
                           &self->timer);
}

static sluice_status resync(void *self, sluice_error *err) {
  (void)self, (void)err;
  return SLUICE_OK;
}

static const void *role(void *self, const char *id) {
  static const sluice_source_ops source = {.size = sizeof source, .resync = resync};
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
  description.id = sluice_text("test.churn");
  description.version = sluice_text("1.0.0");
  description.summary = sluice_text("Changes one route many times.");
  description.config_schema = sluice_text(
      "{\"type\":\"object\",\"properties\":{\"port\":{\"type\":\"integer\"},"
      "\"origin\":{\"type\":\"integer\"},\"go\":{\"type\":\"string\"}}}");
  description.ops = &ops;
  return &description;
}
