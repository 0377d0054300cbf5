/* calls: measures what a call of the host costs, from inside of it. GET /lane does so on the
 * instance's lane, GET /worker on the worker; the answer has a line `ENTRY NANOSECONDS` each. */
#include <sluice.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS 3
#define CALLS 1000000u

typedef struct calls {
  const sluice_host *host;
  const sluice_bytes_api *bytes;
  const sluice_log_api *log;
  const sluice_metrics_api *metrics;
  const sluice_health_api *health;
  const sluice_exec_api *exec;
  const sluice_http_api *http;
  uint32_t metric;
  sluice_cell *cell;
  sluice_buf *buf;
} calls;

/* One call of an entry, about one exchange. */
typedef void (*entry)(const calls *c, sluice_rid id);

static void plain_call(const calls *c, sluice_rid id) {
  (void)c, (void)id;
}

static void clock_alone(const calls *c, sluice_rid id) {
  struct timespec now;
  (void)c, (void)id;
  clock_gettime(CLOCK_MONOTONIC, &now);
}

static void host_find(const calls *c, sluice_rid id) {
  (void)id;
  c->host->find(c->host, SLUICE_IF_HTTP);
}

static void log_write(const calls *c, sluice_rid id) {
  (void)id;
  c->log->write(c->log, SLUICE_LOG_TRACE, sluice_bytes("below", 5), NULL, 0);
}

static void log_on(const calls *c, sluice_rid id) {
  (void)id;
  if (sluice_log_on(c->log, SLUICE_LOG_TRACE))
    log_write(c, id);
}

static void now_ns(const calls *c, sluice_rid id) {
  (void)id;
  c->exec->now_ns(c->exec);
}

static void here(const calls *c, sluice_rid id) {
  (void)id;
  c->exec->here(c->exec);
}

static void cell_add(const calls *c, sluice_rid id) {
  (void)id;
  sluice_cell_add(c->cell, 1);
}

static void metrics_cell(const calls *c, sluice_rid id) {
  sluice_cell *cell;
  (void)id;
  c->metrics->cell(c->metrics, c->metric, NULL, 0, &cell);
}

static void health_report(const calls *c, sluice_rid id) {
  (void)id;
  c->health->report(c->health, sluice_bytes("calls", 5), SLUICE_HEALTH_READY,
                    sluice_bytes("same", 4));
}

static void health_beat(const calls *c, sluice_rid id) {
  (void)id;
  c->health->beat(c->health, sluice_bytes("calls", 5), 0);
}

static void retain_release(const calls *c, sluice_rid id) {
  (void)id;
  c->bytes->retain(c->buf);
  c->bytes->release(c->buf);
}

static void view(const calls *c, sluice_rid id) {
  (void)id;
  c->bytes->view(c->buf);
}

static void copy_release(const calls *c, sluice_rid id) {
  sluice_buf *copy;
  (void)id;
  if (c->bytes->copy(sluice_bytes("sixteen bytes...", 16), &copy) >= 0)
    c->bytes->release(copy);
}

static void header(const calls *c, sluice_rid id) {
  c->http->header(id, SLUICE_REQUEST, sluice_bytes("x-calls", 7), 0);
}

static void header_absent(const calls *c, sluice_rid id) {
  c->http->header(id, SLUICE_REQUEST, sluice_bytes("x-absent", 8), 0);
}

static void respond_gone(const calls *c, sluice_rid id) {
  static const sluice_response response = {.size = sizeof response, .status = 200};
  (void)id;
  c->http->respond(SLUICE_NO_ID, &response, NULL);
}

static uint64_t nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* The best of the rounds, for one call. */
static double cost(const calls *c, entry call, sluice_rid id) {
  uint64_t best = UINT64_MAX;
  for (int round = 0; round < ROUNDS; round++) {
    uint64_t start = nanoseconds(), spent;
    for (uint32_t i = 0; i < CALLS; i++)
      call(c, id);
    spent = nanoseconds() - start;
    if (spent < best)
      best = spent;
  }
  return (double)best / CALLS;
}

/* All of them; a member that the host does not have is left out. */
static size_t measure(const calls *c, sluice_rid id, char *out, size_t room) {
  const struct {
    const char *name;
    entry call;
    int is_there;
  } all[] = {
      {"plain-call", plain_call, 1},
      {"clock_gettime", clock_alone, 1},
      {"host.find", host_find, 1},
      {"log-threshold", log_on, 1},
      {"log.write-below-threshold", log_write, 1},
      {"exec.now_ns", now_ns, 1},
      {"exec.here", here, 1},
      {"cell-add", cell_add, 1},
      {"metrics.cell", metrics_cell, 1},
      {"health.report-unchanged", health_report, 1},
      {"health.beat", health_beat, 1},
      {"bytes.retain+release", retain_release, 1},
      {"bytes.view", view, 1},
      {"bytes.copy+release", copy_release, 1},
      {"http.header", header, c->http->header != NULL},
      {"http.header-absent", header_absent, c->http->header != NULL},
      {"http.respond-gone", respond_gone, 1},
  };
  size_t length = 0;
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
    if (all[i].is_there)
      length += (size_t)snprintf(out + length, room - length, "%s %.2f\n", all[i].name,
                                 cost(c, all[i].call, id));
  return length;
}

static sluice_status create(const sluice_host *host, const sluice_instance *instance,
                            void **self, sluice_error *err) {
  sluice_metric_def counter = {.size = sizeof counter, .kind = SLUICE_METRIC_COUNTER};
  sluice_status status;
  calls *c = calloc(1, sizeof *c);
  (void)instance;
  if (!c)
    return sluice_fail(err, SLUICE_E_NOMEM, sluice_text("no memory"));
  c->host = host;
  c->bytes = host->find(host, SLUICE_IF_BYTES);
  c->log = host->find(host, SLUICE_IF_LOG);
  c->metrics = host->find(host, SLUICE_IF_METRICS);
  c->health = host->find(host, SLUICE_IF_HEALTH);
  c->exec = host->find(host, SLUICE_IF_EXEC);
  c->http = host->find(host, SLUICE_IF_HTTP);
  counter.name = sluice_text("calls");
  status = c->metrics->define(c->metrics, &counter, &c->metric, err);
  if (status >= 0)
    status = c->metrics->cell(c->metrics, c->metric, NULL, 0, &c->cell);
  if (status >= 0)
    status = c->bytes->copy(sluice_text("kept"), &c->buf);
  if (status < 0)
    free(c);
  else
    *self = c;
  return status;
}

static void destroy(void *self) {
  calls *c = self;
  c->bytes->release(c->buf);
  free(c);
}

static sluice_status mounts(void *self, sluice_list *out, sluice_error *err) {
  static sluice_mount both[2];
  (void)self, (void)err;
  for (size_t i = 0; i < 2; i++) {
    both[i].size = sizeof both[i];
    both[i].prefix = sluice_text(i == 0 ? "/lane" : "/worker");
    both[i].flags = i == 0 ? 0 : SLUICE_MOUNT_INLINE;
  }
  *out = sluice_items(both, 2, sizeof both[0]);
  return SLUICE_OK;
}

static sluice_status request(void *self, sluice_rid id, uint32_t tag,
                             const sluice_request *request, const sluice_chunk *body,
                             size_t nbody, void **ctx, sluice_error *err) {
  char text[4096];
  sluice_chunk piece = {{NULL, 0}, NULL};
  sluice_response answer = {.size = sizeof answer, .status = 200, .body = &piece, .nbody = 1};
  (void)tag, (void)request, (void)body, (void)nbody, (void)ctx;
  piece.bytes = sluice_bytes(text, measure(self, id, text, sizeof text));
  return ((calls *)self)->http->respond(id, &answer, err);
}

static const sluice_service_ops service = {
    .size = sizeof service, .mounts = mounts, .request = request};

static const void *role(void *self, const char *role_id) {
  (void)self;
  return strcmp(role_id, SLUICE_ROLE_SERVICE) == 0 ? &service : NULL;
}

static const sluice_plugin_ops ops = {
    .size = sizeof ops, .create = create, .role = role, .destroy = destroy};

const sluice_plugin_desc *sluice_plugin_entry(const sluice_hello *hello, sluice_error *err) {
  static sluice_plugin_desc desc;
  (void)hello, (void)err;
  desc.size = sizeof desc;
  desc.stamp = sluice_stamp_make();
  desc.id = sluice_text("dev.sluice.calls");
  desc.version = sluice_text("0.1.0");
  desc.summary = sluice_text("Measures what a call of the host costs.");
  desc.ops = &ops;
  return &desc;
}
