/* every, in C: the entry, the life cycle and the tables of the roles. */
#include "every.h"

int every_read(every *e, const char *name, char *out, size_t room) {
  char path[4300];
  size_t length;
  FILE *file;
  snprintf(path, sizeof path, "%s/every/%s", e->config_dir, name);
  file = fopen(path, "r");
  if (!file)
    return 0;
  length = fread(out, 1, room - 1, file);
  out[length] = 0;
  fclose(file);
  return 1;
}

static const void *table(every *e, const char *id) {
  const void *found = e->host->find(e->host, id);
  if (!found)
    e->missing_ids[e->missing++] = id;
  return found;
}

static sluice_status create(const sluice_host *host, const sluice_instance *instance,
                            void **self, sluice_error *err) {
  every *e = calloc(1, sizeof *e);
  if (!e)
    return sluice_fail(err, SLUICE_E_NOMEM, sluice_text("no memory"));
  e->host = host;
  pthread_mutex_init(&e->lock, NULL);
  snprintf(e->config_dir, sizeof e->config_dir, "%.*s", (int)instance->config_dir.len,
           (const char *)instance->config_dir.data);
  snprintf(e->state_dir, sizeof e->state_dir, "%.*s", (int)instance->state_dir.len,
           (const char *)instance->state_dir.data);
  e->bytes = table(e, SLUICE_IF_BYTES);
  e->log = table(e, SLUICE_IF_LOG);
  e->metrics = table(e, SLUICE_IF_METRICS);
  e->health = table(e, SLUICE_IF_HEALTH);
  e->exec = table(e, SLUICE_IF_EXEC);
  e->client = table(e, SLUICE_IF_CLIENT);
  e->routing = table(e, SLUICE_IF_ROUTING);
  e->http = table(e, SLUICE_IF_HTTP);
  e->reply = table(e, SLUICE_IF_REPLY);
  *self = e;
  return SLUICE_OK;
}

static sluice_status start(void *self, sluice_error *err) {
  (void)err;
  every_start(self);
  every_look(self);
  return SLUICE_OK;
}

static sluice_status drain(void *self, uint64_t deadline) {
  every *e = self;
  (void)deadline;
  return e->exec->post(e->exec, every_drained, e) < 0 ? SLUICE_OK : SLUICE_PENDING;
}

static sluice_status stop(void *self, uint64_t deadline) {
  every *e = self;
  (void)deadline;
  return e->exec->post(e->exec, every_stopped, e) < 0 ? SLUICE_OK : SLUICE_PENDING;
}

static sluice_status mounts(void *self, sluice_list *out, sluice_error *err) {
  static sluice_mount mount;
  (void)self, (void)err;
  mount.size = sizeof mount;
  mount.prefix = sluice_text("/every/");
  mount.body = SLUICE_BODY_STREAM;
  *out = sluice_items(&mount, 1, sizeof mount);
  return SLUICE_OK;
}

static sluice_status request(void *self, sluice_rid id, uint32_t tag,
                             const sluice_request *request, const sluice_chunk *body,
                             size_t nbody, void **ctx, sluice_error *err) {
  (void)tag, (void)body, (void)nbody, (void)ctx, (void)err;
  return every_request(self, id, request->suffix);
}

static sluice_status body(void *self, void *ctx, sluice_rid id, const sluice_chunk *chunks,
                          size_t n, uint32_t flags) {
  (void)ctx, (void)chunks, (void)n;
  return every_body(self, id, flags);
}

static sluice_flow open_request(void *self, void *cfg, sluice_rid id,
                                const sluice_request *request, void **ctx) {
  (void)cfg, (void)request, (void)ctx;
  every_open(self, id);
  return SLUICE_GO;
}

static sluice_flow filter_body(void *self, void *ctx, sluice_rid id, uint32_t side,
                               const sluice_chunk *chunks, size_t n, uint32_t flags) {
  (void)ctx, (void)chunks, (void)n;
  return every_filter_body(self, id, side, flags);
}

static sluice_flow response(void *self, void *ctx, sluice_rid id, int32_t status,
                            sluice_headers headers, uint32_t flags) {
  (void)ctx, (void)status, (void)headers, (void)flags;
  every_response(self, id);
  return SLUICE_GO;
}

static void closed(void *self, void *ctx, sluice_rid id, const sluice_exchange *x) {
  (void)self, (void)ctx, (void)id, (void)x;
}

static sluice_status resync(void *self, sluice_error *err) {
  (void)self, (void)err;
  return SLUICE_OK;
}

static sluice_status operations(void *self, sluice_list *out) {
  static sluice_op ops[2];
  (void)self;
  for (size_t i = 0; i < 2; i++) {
    ops[i].size = sizeof ops[i];
    ops[i].name = sluice_text(i == 0 ? "every" : "fails");
    ops[i].doc = sluice_text("Calls entries of sluice.reply.");
    ops[i].signature = "i(J)";
    ops[i].fn = (sluice_fn)(i == 0 ? every_operation : every_failing);
  }
  *out = sluice_items(ops, 2, sizeof ops[0]);
  return SLUICE_OK;
}

static const sluice_service_ops service = {
    .size = sizeof service, .mounts = mounts, .request = request, .body = body};

static const sluice_filter_ops filter = {
    .size = sizeof filter,
    .wants = SLUICE_WANTS_REQUEST_BODY | SLUICE_WANTS_RESPONSE,
    .open = open_request,
    .body = filter_body,
    .response = response,
    .close = closed,
};

static const sluice_source_ops source = {.size = sizeof source, .resync = resync};

static const sluice_admin_ops admin = {.size = sizeof admin, .operations = operations};

static const void *role(void *self, const char *role_id) {
  (void)self;
  if (strcmp(role_id, SLUICE_ROLE_SERVICE) == 0)
    return &service;
  if (strcmp(role_id, SLUICE_ROLE_FILTER) == 0)
    return &filter;
  if (strcmp(role_id, SLUICE_ROLE_SOURCE) == 0)
    return &source;
  return strcmp(role_id, SLUICE_ROLE_ADMIN) == 0 ? &admin : NULL;
}

static const sluice_plugin_ops ops = {.size = sizeof ops, .create = create, .role = role,
                                      .start = start, .drain = drain, .stop = stop,
                                      .destroy = free};

const sluice_plugin_desc *sluice_plugin_entry(const sluice_hello *hello, sluice_error *err) {
  static sluice_plugin_desc desc;
  (void)hello, (void)err;
  desc.size = sizeof desc;
  desc.stamp = sluice_stamp_make();
  desc.id = sluice_text("org.example.every-c");
  desc.version = sluice_text("0.1.0");
  desc.summary = sluice_text("Calls every entry.");
  desc.route_schema = sluice_text("{\"type\":\"object\"}");
  desc.ops = &ops;
  return &desc;
}
