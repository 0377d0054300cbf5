/* What the host reads and calls: Go can export neither tables nor const pointers. Each function
 * hands over to the one of its name in greeter.go. */
#include <string.h>

#include "_cgo_export.h"

static sluice_status create(const sluice_host *host, const sluice_instance *instance,
                            void **self, sluice_error *err) {
  uintptr_t handle = goCreate((sluice_host *)host, (sluice_instance *)instance, err);
  *self = (void *)handle;
  return handle == 0 ? SLUICE_E_INVALID : SLUICE_OK;
}

static sluice_status start(void *self, sluice_error *err) {
  return goStart((uintptr_t)self, err);
}

static void destroy(void *self) {
  goDestroy((uintptr_t)self);
}

static sluice_status mounts(void *self, sluice_list *out, sluice_error *err) {
  static sluice_mount mount;
  (void)self, (void)err;
  mount.size = sizeof mount;
  mount.prefix = sluice_text("/greet/");
  mount.pattern = sluice_text(":name");
  mount.methods = SLUICE_M_GET;
  *out = sluice_items(&mount, 1, sizeof mount);
  return SLUICE_OK;
}

static sluice_status request(void *self, sluice_rid id, uint32_t tag,
                             const sluice_request *request, const sluice_chunk *body,
                             size_t nbody, void **ctx, sluice_error *err) {
  (void)tag, (void)body, (void)nbody, (void)ctx;
  return goRequest((uintptr_t)self, id, (sluice_request *)request, err);
}

/* [lane] */
void greeter_tick(void *self, sluice_status why) {
  goTick((uintptr_t)self, why);
}

static const void *role(void *self, const char *role_id) {
  static const sluice_service_ops service = {
      .size = sizeof service, .mounts = mounts, .request = request};
  (void)self;
  return strcmp(role_id, SLUICE_ROLE_SERVICE) == 0 ? &service : NULL;
}

static const sluice_plugin_ops ops = {
    .size = sizeof ops, .create = create, .role = role, .start = start, .destroy = destroy};

static const char schema[] =
    "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
    "\"greeting\":{\"type\":\"string\",\"maxLength\":40,\"default\":\"hello\","
    "\"description\":\"What is said before the name.\"},"
    "\"everySeconds\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":3600,\"default\":60,"
    "\"description\":\"How often the log says how many were greeted.\"}}}";

const sluice_plugin_desc *sluice_plugin_entry(const sluice_hello *hello, sluice_error *err) {
  static sluice_span needs[5];
  static sluice_plugin_desc desc;
  (void)hello, (void)err;
  needs[0] = sluice_text(SLUICE_IF_LOG);
  needs[1] = sluice_text(SLUICE_IF_METRICS);
  needs[2] = sluice_text(SLUICE_IF_HEALTH);
  needs[3] = sluice_text(SLUICE_IF_EXEC);
  needs[4] = sluice_text(SLUICE_IF_HTTP);
  desc.size = sizeof desc;
  desc.flags = SLUICE_PLUGIN_GO; /* a process holds one Go runtime */
  desc.stamp = sluice_stamp_make();
  desc.id = sluice_text("org.example.greeter-go");
  desc.version = sluice_text("0.1.0");
  desc.summary = sluice_text("Greets by name.");
  desc.config_schema = sluice_text(schema);
  desc.requires_ids = sluice_items(needs, 5, sizeof needs[0]);
  desc.ops = &ops;
  return &desc;
}
