/* echo: a service that answers every request with what it was. The smallest complete
 * plugin in C. */
#include <sluice.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "settings.h"

/* Answers up to here need no allocation. Bytes. */
#define ECHO_STACK_MAX 8192

typedef struct echo {
  const sluice_http_api *http;
  sluice_mount mount;
  _Atomic int32_t headers; /* workers read it while the lane changes it */
} echo;

static sluice_status check_config(sluice_span json, sluice_error *err) {
  echo_settings settings;
  return echo_settings_read(json, &settings, err);
}

static sluice_status reconfigure(void *self, sluice_span json, sluice_error *err) {
  echo *e = self;
  echo_settings settings;
  sluice_status status = echo_settings_read(json, &settings, err);
  if (status < 0)
    return status;
  e->mount.max_body = settings.max_body;
  atomic_store_explicit(&e->headers, settings.headers, memory_order_relaxed);
  return SLUICE_OK;
}

static sluice_status create(const sluice_host *host, const sluice_instance *instance,
                            void **self, sluice_error *err) {
  sluice_status status;
  echo *e = calloc(1, sizeof *e);
  if (e == NULL)
    return sluice_fail(err, SLUICE_E_NOMEM, sluice_text("no memory for an instance"));
  e->http = host->find(host, SLUICE_IF_HTTP);
  e->mount.size = sizeof e->mount;
  e->mount.prefix = sluice_text("/");
  e->mount.body = SLUICE_BODY_BUFFERED;
  e->mount.flags = SLUICE_MOUNT_INLINE;
  status = reconfigure(e, instance->config, err);
  if (status >= 0 && e->http == NULL)
    status = sluice_fail(err, SLUICE_E_UNSUPPORTED,
                         sluice_text("the host does not offer " SLUICE_IF_HTTP));
  if (status < 0) {
    free(e);
    return status;
  }
  *self = e;
  return SLUICE_OK;
}

static sluice_status mounts(void *self, sluice_list *out, sluice_error *err) {
  echo *e = self;
  (void)err;
  *out = sluice_items(&e->mount, 1, sizeof e->mount);
  return SLUICE_OK;
}

static sluice_status answer(echo *e, sluice_rid id, const sluice_request *request,
                            sluice_span body, sluice_error *err) {
  static const char json[] = "application/json";
  int32_t headers = atomic_load_explicit(&e->headers, memory_order_relaxed);
  uint8_t near[ECHO_STACK_MAX];
  uint8_t *text = near;
  size_t length = echo_answer_write(request, body, headers, near, sizeof near);
  if (length > sizeof near) {
    text = malloc(length);
    if (text == NULL)
      return SLUICE_E_NOMEM;
    echo_answer_write(request, body, headers, text, length);
  }
  sluice_header type = {sluice_text("content-type"), sluice_bytes(json, sizeof json - 1), 0, 0};
  sluice_chunk piece = {sluice_bytes(text, length), NULL};
  sluice_response response = {.size = sizeof response, .status = 200};
  response.headers.items = &type;
  response.headers.count = 1;
  response.body = &piece;
  response.nbody = 1;
  sluice_status status = e->http->respond(id, &response, err);
  if (text != near)
    free(text);
  /* Nobody waits for an answer any more: that is no fault of this plugin. */
  return status == SLUICE_E_GONE ? SLUICE_OK : status;
}

/* A body in several pieces is joined first, as a UTF-8 sequence may lie across two. */
static sluice_status answer_pieces(echo *e, sluice_rid id, const sluice_request *request,
                                   const sluice_chunk *body, size_t nbody,
                                   sluice_error *err) {
  sluice_status status;
  size_t total = 0, at = 0, i;
  uint8_t *joined;
  for (i = 0; i < nbody; i++)
    total += body[i].bytes.len;
  joined = malloc(total > 0 ? total : 1);
  if (joined == NULL)
    return SLUICE_E_NOMEM;
  for (i = 0; i < nbody; at += body[i].bytes.len, i++)
    if (body[i].bytes.len > 0)
      memcpy(joined + at, body[i].bytes.data, body[i].bytes.len);
  status = answer(e, id, request, sluice_bytes(joined, total), err);
  free(joined);
  return status;
}

static sluice_status request(void *self, sluice_rid id, uint32_t tag,
                             const sluice_request *request, const sluice_chunk *body,
                             size_t nbody, void **ctx, sluice_error *err) {
  (void)tag;
  *ctx = NULL;
  if (nbody > 1)
    return answer_pieces(self, id, request, body, nbody, err);
  return answer(self, id, request, nbody == 1 ? body[0].bytes : sluice_text(""), err);
}

static const sluice_service_ops service = {
    .size = sizeof service,
    .mounts = mounts,
    .request = request,
};

static const void *role(void *self, const char *role_id) {
  (void)self;
  return strcmp(role_id, SLUICE_ROLE_SERVICE) == 0 ? &service : NULL;
}

static const sluice_plugin_ops ops = {
    .size = sizeof ops,
    .check_config = check_config,
    .create = create,
    .role = role,
    .reconfigure = reconfigure,
    .destroy = free,
};

const sluice_plugin_desc *sluice_plugin_entry(const sluice_hello *hello, sluice_error *err) {
  static sluice_span needs[1];
  static sluice_plugin_desc desc;
  if (hello->stamp.magic != SLUICE_MAGIC || hello->stamp.abi_major != SLUICE_ABI_MAJOR) {
    sluice_fail(err, SLUICE_E_UNSUPPORTED, sluice_text("echo was built for another ABI revision"));
    return NULL;
  }
  needs[0] = sluice_text(SLUICE_IF_HTTP);
  desc.size = sizeof desc;
  desc.stamp = sluice_stamp_make();
  desc.needs_minor = SLUICE_ABI_MINOR;
  desc.id = sluice_text("dev.sluice.echo");
  desc.version = sluice_text("0.1.0");
  desc.summary = sluice_text("Answers every request with what it was.");
  desc.config_schema = sluice_text(echo_settings_schema);
  desc.requires_ids = sluice_items(needs, 1, sizeof needs[0]);
  desc.ops = &ops;
  return &desc;
}
