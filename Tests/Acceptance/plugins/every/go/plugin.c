/* every, in Go: the entry, the life cycle and the tables of the roles. */
#include <string.h>

#include "_cgo_export.h"

static sluice_status create(const sluice_host *host, const sluice_instance *instance,
                            void **self, sluice_error *err) {
  (void)err;
  *self = (void *)goCreate((sluice_host *)host, (sluice_instance *)instance);
  return SLUICE_OK;
}

static sluice_status start(void *self, sluice_error *err) {
  (void)err;
  goStart((uintptr_t)self);
  return SLUICE_OK;
}

static void drained(void *self, sluice_status why) {
  (void)why;
  goDrained((uintptr_t)self);
}

static void stopped(void *self, sluice_status why) {
  (void)why;
  goStopped((uintptr_t)self);
}

static sluice_status drain(void *self, uint64_t deadline) {
  (void)deadline;
  return goLater((uintptr_t)self, drained);
}

static sluice_status stop(void *self, uint64_t deadline) {
  (void)deadline;
  return goLater((uintptr_t)self, stopped);
}

static void destroy(void *self) {
  goDestroy((uintptr_t)self);
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
  return goRequest((uintptr_t)self, id, request->suffix);
}

static sluice_status body(void *self, void *ctx, sluice_rid id, const sluice_chunk *chunks,
                          size_t n, uint32_t flags) {
  (void)ctx, (void)chunks, (void)n;
  return goBody((uintptr_t)self, id, flags);
}

static sluice_flow open_request(void *self, void *cfg, sluice_rid id,
                                const sluice_request *request, void **ctx) {
  (void)cfg, (void)request, (void)ctx;
  goOpen((uintptr_t)self, id);
  return SLUICE_GO;
}

static sluice_flow filter_body(void *self, void *ctx, sluice_rid id, uint32_t side,
                               const sluice_chunk *chunks, size_t n, uint32_t flags) {
  (void)ctx, (void)chunks, (void)n;
  return goFilterBody((uintptr_t)self, id, side, flags);
}

static sluice_flow response(void *self, void *ctx, sluice_rid id, int32_t status,
                            sluice_headers headers, uint32_t flags) {
  (void)ctx, (void)status, (void)headers, (void)flags;
  goResponse((uintptr_t)self, id);
  return SLUICE_GO;
}

static void closed(void *self, void *ctx, sluice_rid id, const sluice_exchange *x) {
  (void)self, (void)ctx, (void)id, (void)x;
}

static sluice_status resync(void *self, sluice_error *err) {
  (void)self, (void)err;
  return SLUICE_OK;
}

static sluice_status operation(void *self, sluice_reply *out) {
  return goOperation((uintptr_t)self, out);
}

static sluice_status failing(void *self, sluice_reply *out) {
  return goFailing((uintptr_t)self, out);
}

static sluice_status operations(void *self, sluice_list *out) {
  static sluice_op ops[2];
  (void)self;
  for (size_t i = 0; i < 2; i++) {
    ops[i].size = sizeof ops[i];
    ops[i].name = sluice_text(i == 0 ? "every" : "fails");
    ops[i].doc = sluice_text("Calls entries of sluice.reply.");
    ops[i].signature = "i(J)";
    ops[i].fn = (sluice_fn)(i == 0 ? operation : failing);
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
                                      .destroy = destroy};

const sluice_plugin_desc *sluice_plugin_entry(const sluice_hello *hello, sluice_error *err) {
  static sluice_plugin_desc desc;
  (void)hello, (void)err;
  desc.size = sizeof desc;
  desc.flags = SLUICE_PLUGIN_GO;
  desc.stamp = sluice_stamp_make();
  desc.id = sluice_text("org.example.every-go");
  desc.version = sluice_text("0.1.0");
  desc.summary = sluice_text("Calls every entry.");
  desc.route_schema = sluice_text("{\"type\":\"object\"}");
  desc.ops = &ops;
  return &desc;
}
