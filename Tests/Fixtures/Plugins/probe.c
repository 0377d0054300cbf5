/* A plugin that does on request what a plugin may do, and counts what is done to it.
 * Tests reach probe_* by dlsym; the host never looks at them. */
#include "probe.h"

#define PROBE_EXPORT __attribute__((visibility("default")))
#define ORDER_MAX 4096

/* What is counted; the tests know these numbers. */
enum {
  CREATED, STARTED, DRAINED, STOPPED, DESTROYED, REQUESTS, BODIES, CANCELS, DONES, FIRED, WATCHED,
  POSTED, BLOCKED, BLOCKED_DONE, ISSUES, COMMITTED, INSTALLED, WRONG_THREAD, LAST_STATUS,
  LAST_GENERATION, RESYNCS, LAST_WHY, ENTERED, WRONG_ORDER, DONE_STATUS, DONE_CLOSE, DONE_BYTES,
  ENDED, CANCELED, RELEASED, COUNTERS
};
static _Atomic int64_t counters[COUNTERS];
#ifndef PROBE_CLOSED
#define PROBE_CLOSED 0
#endif
static _Atomic int32_t gate_closed = PROBE_CLOSED;
static char order[ORDER_MAX];
static _Atomic int32_t order_length;
static char text[ORDER_MAX]; /* the last issue */

typedef struct probe {
  const sluice_host *host;
  const sluice_bytes_api *bytes;
  const sluice_log_api *log;
  const sluice_metrics_api *metrics;
  const sluice_health_api *health;
  const sluice_exec_api *exec;
  const sluice_routing_api *routing;
  const sluice_http_api *http;
  char name[64];
  sluice_tid timer;
  _Atomic uint64_t interval;
  uint32_t metric;
} probe;

#define INSTANCES_MAX 80
static probe *instances[INSTANCES_MAX];
static _Atomic int32_t instance_count;

/* What a call's ctx points to; never used twice, so that a late call is seen. */
typedef struct call_state {
  probe *owner;
  int32_t cancelled, done;
} call_state;
#define CALLS_MAX 65536
static call_state calls[CALLS_MAX];
static _Atomic int32_t call_count;

static void count(int which) { atomic_fetch_add(&counters[which], 1); }
static void set(int which, int64_t value) { atomic_store(&counters[which], value); }
static void letter(char c) {
  int32_t at = atomic_fetch_add(&order_length, 1);
  if (at < ORDER_MAX)
    order[at] = c;
}
static void on_lane(probe *p) {
  if (p->exec->here(p->exec) != SLUICE_ON_LANE)
    count(WRONG_THREAD);
}
static void wait_gate(void) {
  while (atomic_load(&gate_closed))
    poll(NULL, 0, 1);
}

PROBE_EXPORT int64_t probe_read(int32_t which) { return atomic_load(&counters[which]); }
PROBE_EXPORT void probe_gate(int32_t closed) { atomic_store(&gate_closed, closed); }
PROBE_EXPORT const char *probe_order(void) { return order; }
PROBE_EXPORT const char *probe_text(void) { return text; }
PROBE_EXPORT const sluice_http_api *probe_http(void) { return instances[0]->http; }
PROBE_EXPORT const sluice_exec_api *probe_exec(void) { return instances[0]->exec; }
PROBE_EXPORT const sluice_bytes_api *probe_bytes(void) { return instances[0]->bytes; }

static void nothing(void *ctx, sluice_status why) { (void)ctx, (void)why; }
/* [any] Every bound function that returns a status, called late: how many answer GONE. */
PROBE_EXPORT int32_t probe_late(void) {
  probe *p = instances[0];
  sluice_txn *txn;
  sluice_cell *cell;
  sluice_buf *buf;
  sluice_tid id;
  uint32_t metric;
  int32_t gone = 0;
  p->log->write(p->log, SLUICE_LOG_ERROR, sluice_text("late"), NULL, 0);
  p->exec->drained(p->exec);
  p->exec->stopped(p->exec);
  gone += p->health->report(p->health, sluice_text("x"), 1, sluice_text("")) == SLUICE_E_GONE;
  gone += p->health->beat(p->health, sluice_text("x"), 1) == SLUICE_E_GONE;
  gone += p->metrics->cell(p->metrics, 0, NULL, 0, &cell) == SLUICE_E_GONE;
  gone += p->metrics->define(p->metrics, NULL, &metric, NULL) == SLUICE_E_GONE;
  gone += p->exec->post(p->exec, nothing, NULL) == SLUICE_E_GONE;
  gone += p->exec->blocking(p->exec, free, nothing, NULL) == SLUICE_E_GONE;
  gone += p->exec->timer(p->exec, 0, 0, nothing, NULL, &id) == SLUICE_E_GONE;
  gone += p->exec->cancel(p->exec, 1) == SLUICE_E_GONE;
  gone += p->routing->begin(p->routing, sluice_text("r"), 0, &txn, NULL) == SLUICE_E_GONE;
  gone += p->bytes->wrap(p->host, sluice_text("b"), NULL, NULL, &buf) == SLUICE_E_GONE;
  gone += p->host->find(p->host, SLUICE_IF_LOG) == NULL;
  return gone;
}

/* Counts the final call of a context that was not run. */
static int canceled(sluice_status why) {
  if (why == SLUICE_OK)
    return 0;
  count(CANCELED);
  return 1;
}

static void posted(void *ctx, sluice_status why) {
  on_lane(instances[0]);
  if (canceled(why))
    return;
  letter((char)(intptr_t)ctx);
  count(POSTED);
}
/* [any] */
PROBE_EXPORT int32_t probe_post(int32_t c) {
  const sluice_exec_api *exec = instances[0]->exec;
  return exec->post(exec, posted, (void *)(intptr_t)c);
}

static void blocked(void *ctx) {
  probe *p = ctx;
  if (p->exec->here(p->exec) != SLUICE_ON_POOL)
    count(WRONG_THREAD);
  count(BLOCKED);
}
static void blocked_done(void *ctx, sluice_status why) {
  on_lane(ctx);
  if (!canceled(why))
    count(BLOCKED_DONE);
}
/* [any] Of instance which. */
PROBE_EXPORT int32_t probe_blocking(int32_t which) {
  probe *p = instances[which];
  return p->exec->blocking(p->exec, blocked, blocked_done, p);
}

/* Goes on for longer than stop() takes. */
static void slow(void *ctx) {
  count(BLOCKED);
  wait_gate();
  blocked(ctx);
}
PROBE_EXPORT int32_t probe_slow(int32_t which) {
  probe *p = instances[which];
  return p->exec->blocking(p->exec, slow, blocked_done, p);
}
PROBE_EXPORT int32_t probe_beat(uint64_t gap) {
  return instances[0]->health->beat(instances[0]->health, sluice_text("heart"), gap);
}

static void fired(void *ctx, sluice_status why) {
  probe *p = ctx;
  on_lane(p);
  if (canceled(why))
    return;
  count(FIRED);
  if (p->interval != 0 && probe_read(FIRED) == 3)
    set(LAST_STATUS, p->exec->cancel(p->exec, p->timer));
}
PROBE_EXPORT int32_t probe_timer(uint64_t first, uint64_t repeat) {
  probe *p = instances[0];
  return p->exec->timer(p->exec, first, p->interval = repeat, fired, p, &p->timer);
}

static void watched(void *ctx, int32_t fd, uint32_t revents) {
  char byte;
  on_lane(ctx);
  if (revents == 0)
    count(ENDED);
  else if (read(fd, &byte, 1) == 1)
    count(WATCHED);
}
PROBE_EXPORT int32_t probe_watch(int32_t fd, sluice_tid *id) {
  probe *p = instances[0];
  return p->exec->watch_fd(p->exec, fd, 1, watched, p, id);
}
PROBE_EXPORT int32_t probe_cancel(sluice_tid id) {
  return instances[0]->exec->cancel(instances[0]->exec, id);
}

static void released(void *ctx) {
  (void)ctx;
  count(RELEASED);
}
/* [any] Lends bytes to whoever holds the buffer. */
PROBE_EXPORT sluice_buf *probe_lend(void) {
  probe *p = instances[0];
  sluice_buf *buf = NULL;
  p->bytes->wrap(p->host, sluice_text("lent"), released, p, &buf);
  return buf;
}

/* Every instance reports under a component that bears its configured name. */
PROBE_EXPORT int32_t probe_report(int32_t which, int32_t state) {
  probe *p = instances[which];
  sluice_cell *cell = NULL;
  sluice_status status = p->metrics->cell(p->metrics, p->metric, NULL, 0, &cell);
  if (status < 0)
    return status;
  sluice_cell_add(cell, (uint64_t)which + 1);
  p->log->write(p->log, SLUICE_LOG_DEBUG, sluice_text("reporting"), NULL, 0);
  return p->health->report(p->health, sluice_text(p->name), state, sluice_text("as told"));
}

static void issue(void *ctx, const sluice_issue *i) {
  on_lane(ctx);
  count(ISSUES);
  snprintf(text, sizeof text, "%.*s %.*s %.*s %.*s %.*s", (int)i->kind.len, i->kind.data,
           (int)i->name.len, i->name.data, (int)i->code.len, i->code.data, (int)i->where.len,
           i->where.data, (int)i->text.len, i->text.data);
}
static void committed(void *ctx, sluice_status status, uint64_t generation) {
  on_lane(ctx);
  set(LAST_STATUS, status);
  set(LAST_GENERATION, (int64_t)generation);
  count(COMMITTED);
}

static sluice_status put(probe *p, sluice_txn *txn, const char *kind, const char *name,
                         const char *where, const char *json, sluice_error *err) {
  sluice_document document = {.size = sizeof document};
  document.kind = sluice_text(kind);
  document.name = sluice_text(name);
  document.where = sluice_text(where);
  document.json = sluice_text(json);
  return p->routing->put(p->routing, txn, &document, err);
}

static sluice_status publish(probe *p) {
  const sluice_routing_api *routing = p->routing;
  sluice_txn *txn, *second;
  sluice_error err = {.size = sizeof err};
  sluice_status status =
      routing->begin(routing, sluice_text("rev-1"), SLUICE_TXN_RESYNC, &txn, &err);
  if (status < 0)
    return status;
  if (routing->begin(routing, sluice_text(""), 0, &second, &err) != SLUICE_E_STATE)
    return SLUICE_E_INTERNAL;
  if (put(p, txn, "pool", "bad", "", "{\"a\":", &err) != SLUICE_E_INVALID || err.text_len == 0)
    return SLUICE_E_INTERNAL;
  if (put(p, txn, "cloud", "x", "", "{}", &err) != SLUICE_E_INVALID)
    return SLUICE_E_INTERNAL;
  put(p, txn, "pool", "a", "a.yaml:3", "{\"endpoints\":[]}", &err);
  put(p, txn, "pool", "b", "b.yaml:9", "{\"endpoints\":[]}", &err);
  routing->remove(routing, txn, sluice_text("pool"), sluice_text("a"));
  status = routing->commit(routing, txn, issue, committed, p);
  if (put(p, txn, "pool", "c", "", "{}", &err) != SLUICE_E_STATE)
    return SLUICE_E_INTERNAL;
  return status;
}

static sluice_status resync(void *self, sluice_error *err) {
  sluice_status status;
  on_lane(self);
  count(RESYNCS);
  if (atomic_load(&gate_closed))
    return sluice_fail(err, SLUICE_E_IO, sluice_text("the gate is closed"));
  status = publish(self);
  return status == SLUICE_PENDING ? SLUICE_OK : status;
}
static void installed(void *self, uint64_t generation, uint32_t settled) {
  on_lane(self);
  set(LAST_GENERATION, (int64_t)generation * 10 + settled);
  count(INSTALLED);
}

static sluice_status mounts(void *self, sluice_list *out, sluice_error *err) {
  static sluice_mount table[7];
  const char *prefixes[] = {"/", "/v1/", "/v1/functions/", "/v1/get", "/stream", "/fast",
                            "/patient"};
  (void)self, (void)err;
  for (int k = 0; k < 7; k++) {
    table[k].size = sizeof table[k];
    table[k].prefix = sluice_text(prefixes[k]);
    table[k].body = SLUICE_BODY_BUFFERED;
    table[k].tag = (uint32_t)k;
  }
  table[2].pattern = sluice_text(":name/invoke");
  table[2].methods = SLUICE_M_POST;
  table[3].methods = SLUICE_M_GET;
  table[4].body = SLUICE_BODY_STREAM;
  table[5].flags = SLUICE_MOUNT_INLINE;
  table[5].max_inflight = 2;
  table[6].flags = SLUICE_MOUNT_HALF_CLOSE;
  table[6].head_ns = SLUICE_NEVER;
  *out = sluice_items(table, 7, sizeof table[0]);
  return SLUICE_OK;
}

static sluice_status say(probe *p, sluice_rid id, int32_t status, sluice_span body) {
  sluice_header header = {sluice_text("X-Probe"), sluice_text(p->name), 0, 0};
  sluice_header framing = {sluice_text("Content-Length"), sluice_text("9"), 0, 0};
  sluice_header both[2] = {framing, header};
  sluice_chunk chunk = {body, NULL};
  sluice_response r = {.size = sizeof r, .status = status};
  r.headers.items = both;
  r.headers.count = 2;
  r.body = &chunk;
  r.nbody = body.len ? 1 : 0;
  return p->http->respond(id, &r, NULL);
}
PROBE_EXPORT int32_t probe_respond(uint64_t id, int32_t status) {
  return say(instances[0], id, status, sluice_text("late"));
}

/* The path's last word says what to do; the answer is a copy of the request. */
static sluice_status request(void *self, sluice_rid id, uint32_t tag, const sluice_request *r,
                             const sluice_chunk *body, size_t nbody, void **ctx,
                             sluice_error *err) {
  probe *p = self;
  char out[2048];
  int length;
  sluice_span x = sluice_text("");
  count(ENTERED);
  wait_gate();
  count(REQUESTS);
  letter('R');
  call_state *state = &calls[atomic_fetch_add(&call_count, 1) % CALLS_MAX];
  state->owner = p;
  *ctx = state;
  if (r->suffix.len == 7 && memcmp(r->suffix.data, "decline", 7) == 0)
    return SLUICE_DECLINED;
  if (r->suffix.len == 4 && memcmp(r->suffix.data, "fail", 4) == 0)
    return sluice_fail(err, SLUICE_E_IO, sluice_text("no paper"));
  if (r->suffix.len == 4 && memcmp(r->suffix.data, "mute", 4) == 0)
    return SLUICE_OK;
  if (r->suffix.len == 5 && memcmp(r->suffix.data, "later", 5) == 0)
    return SLUICE_PENDING;
  if (r->suffix.len == 5 && memcmp(r->suffix.data, "abort", 5) == 0) {
    p->http->abort(id, sluice_text("no"));
    return SLUICE_OK;
  }
  if (r->suffix.len == 4 && memcmp(r->suffix.data, "huge", 4) == 0) {
    static uint8_t huge[16 << 20];
    return say(p, id, 200, sluice_bytes(huge, sizeof huge - 35)); /* 16 MiB with the head */
  }
  if (tag == 4)
    return nbody == 0 ? SLUICE_PENDING : SLUICE_E_STATE;
  if (nbody == 1)
    x = body[0].bytes;
  length = snprintf(out, sizeof out, "%u %.*s %.*s?%.*s suffix=%.*s", tag,
                    (int)r->method_name.len, r->method_name.data, (int)r->path.len, r->path.data,
                    (int)r->query.len, r->query.data, (int)r->suffix.len, r->suffix.data);
  for (size_t k = 0; k < r->headers.count; k++)
    length += snprintf(out + length, sizeof out - (size_t)length, " %.*s=%.*s",
                       (int)r->headers.items[k].name.len, r->headers.items[k].name.data,
                       (int)r->headers.items[k].value.len, r->headers.items[k].value.data);
  length += snprintf(out + length, sizeof out - (size_t)length, " body=%.*s", (int)x.len, x.data);
  sluice_status status = say(p, id, 200, sluice_bytes(out, (size_t)length));
  /* Somebody else has answered, or nobody waits: that is no failure of this call. */
  return status == SLUICE_E_GONE || status == SLUICE_E_STATE ? SLUICE_OK : status;
}

static sluice_status body(void *self, void *ctx, sluice_rid id, const sluice_chunk *chunks,
                          size_t n, uint32_t flags) {
  (void)ctx;
  count(BODIES);
  if (n != 1)
    return SLUICE_E_STATE;
  if (flags != SLUICE_END)
    return SLUICE_OK;
  return say(self, id, 201, chunks[0].bytes);
}
static void cancel(void *self, void *ctx, sluice_rid id, int32_t why) {
  call_state *state = ctx;
  (void)id;
  count(state->owner == self && !state->cancelled && !state->done ? CANCELS : WRONG_ORDER);
  state->cancelled = 1;
  set(LAST_WHY, why);
  letter('C');
}
static void done(void *self, void *ctx, sluice_rid id, const sluice_exchange *x) {
  call_state *state = ctx;
  int right = state->owner == self && !state->done && x->size == sizeof *x;
  (void)id;
  state->done = 1;
  set(DONE_STATUS, x->status);
  set(DONE_CLOSE, x->close);
  set(DONE_BYTES, (int64_t)x->tx_bytes);
  count(right ? DONES : WRONG_ORDER);
  letter('D');
}

static sluice_status create(const sluice_host *host, const sluice_instance *instance,
                            void **self, sluice_error *err) {
  probe *p = calloc(1, sizeof *p);
  sluice_metric_def def = {.size = sizeof def, .kind = SLUICE_METRIC_COUNTER};
  p->host = host;
  p->bytes = host->find(host, SLUICE_IF_BYTES);
  p->log = host->find(host, SLUICE_IF_LOG);
  p->metrics = host->find(host, SLUICE_IF_METRICS);
  p->health = host->find(host, SLUICE_IF_HEALTH);
  p->exec = host->find(host, SLUICE_IF_EXEC);
  p->routing = host->find(host, SLUICE_IF_ROUTING);
  p->http = host->find(host, SLUICE_IF_HTTP);
  memcpy(p->name, instance->name.data, instance->name.len);
  if (host->find(host, "sluice.none/0") || !p->http || !p->bytes || !p->exec)
    return sluice_fail(err, SLUICE_E_UNSUPPORTED, sluice_text("the tables are not as expected"));
  on_lane(p);
  def.name = sluice_text("turns_total");
  if (p->metrics->define(p->metrics, &def, &p->metric, err) < 0)
    return sluice_fail(err, SLUICE_E_INTERNAL, sluice_text("no metric"));
  instances[atomic_fetch_add(&instance_count, 1)] = p;
  *self = p;
  count(CREATED);
  letter('c');
  return SLUICE_OK;
}

static sluice_status check_config(sluice_span json, sluice_error *err) {
#ifdef PROBE_CHECK
  PROBE_CHECK;
#endif
  return SLUICE_OK;
}

static const void *role(void *self, const char *id) {
  static const sluice_service_ops service = {.size = sizeof service, .mounts = mounts,
                                             .request = request, .body = body,
                                             .cancel = cancel, .done = done};
  static const sluice_source_ops source = {.size = sizeof source, .required = 1,
                                           .resync = resync, .installed = installed};
  (void)self;
  (void)service;
  (void)source;
#ifdef PROBE_SERVICE
  if (strcmp(id, SLUICE_ROLE_SERVICE) == 0)
    return &service;
#endif
#ifdef PROBE_SOURCE
  if (strcmp(id, SLUICE_ROLE_SOURCE) == 0)
    return &source;
#endif
  (void)id;
  return NULL;
}

static sluice_status start(void *self, sluice_error *err) {
  (void)err;
  on_lane(self);
#ifdef PROBE_START
  PROBE_START;
#endif
  count(STARTED);
  letter('s');
#ifdef PROBE_SOURCE
  return publish(self) == SLUICE_PENDING ? SLUICE_OK : SLUICE_E_INTERNAL;
#endif
  return SLUICE_OK;
}
static void drain_later(void *ctx, sluice_status why) {
  (void)why;
  ((probe *)ctx)->exec->drained(((probe *)ctx)->exec);
}
static sluice_status drain(void *self, uint64_t deadline_ns) {
  probe *p = self;
  (void)deadline_ns;
  count(DRAINED);
  letter('d');
  p->exec->post(p->exec, drain_later, p);
  return SLUICE_PENDING;
}
static void stop_later(void *ctx, sluice_status why) {
  probe *p = ctx;
  (void)why;
  letter('q');
  p->exec->stopped(p->exec);
}
static sluice_status stop(void *self, uint64_t deadline_ns) {
  probe *p = self;
  (void)deadline_ns, (void)p;
  on_lane(self);
#ifdef PROBE_STOP
  PROBE_STOP;
#endif
  count(STOPPED);
  letter('p');
#ifdef PROBE_STOP_PENDING
  p->exec->post(p->exec, stop_later, p);
  return SLUICE_PENDING;
#endif
  return SLUICE_OK;
}
static void destroy(void *self) {
  (void)self; /* kept, as probe_late calls through it */
  count(DESTROYED);
  letter('x');
}

const sluice_plugin_desc *sluice_plugin_entry(const sluice_hello *hello, sluice_error *err) {
  static const sluice_plugin_ops ops = {
      .size = sizeof ops, .check_config = check_config, .create = create, .role = role,
      .start = start, .drain = drain, .stop = stop, .destroy = destroy};
  (void)hello, (void)err;
  return probe_describe(&ops);
}
