/* every, in C: see the README one folder up. */
#include "every.h"

/* ---- what is known of each entry ------------------------------------------ */

static sluice_status record(every *e, const char *name, sluice_status status) {
  pthread_mutex_lock(&e->lock);
  for (size_t i = 0; i < e->count; i++)
    if (strcmp(e->names[i], name) == 0)
      goto known;
  e->names[e->count] = name;
  e->statuses[e->count++] = status;
known:
  pthread_mutex_unlock(&e->lock);
  return status;
}

void every_report(every *e, char *out, size_t room) {
  size_t at = (size_t)snprintf(out, room, "{\"missing\":[");
  pthread_mutex_lock(&e->lock);
  for (size_t i = 0; i < e->missing; i++)
    at += (size_t)snprintf(out + at, room - at, "%s\"%s\"", i ? "," : "", e->missing_ids[i]);
  at += (size_t)snprintf(out + at, room - at, "],\"entries\":{");
  for (size_t i = 0; i < e->count; i++) {
    const char *comma = i ? "," : "";
    if (e->statuses[i] == EVERY_NULL)
      at += (size_t)snprintf(out + at, room - at, "%s\"%s\":null", comma, e->names[i]);
    else
      at += (size_t)snprintf(out + at, room - at, "%s\"%s\":%d", comma, e->names[i],
                             e->statuses[i]);
  }
  snprintf(out + at, room - at, "}}");
  pthread_mutex_unlock(&e->lock);
}

/* Whether a table has a member; one that is NULL is reported. */
#define CAN(e, table, member) \
  ((e)->table && \
   ((e)->table->member || (record((e), #table "." #member, EVERY_NULL), 0)))
#define RECORD(e, table, member, status) record((e), #table "." #member, (status))
#define SIZED(name) .size = sizeof(name)

static sluice_status right(int holds) {
  return holds ? SLUICE_OK : SLUICE_E_INTERNAL;
}

/* ---- tables without a request ---------------------------------------------- */

static void released(void *ctx) {
  every *e = ctx;
  RECORD(e, bytes, wrap, SLUICE_OK);
}

static void call_bytes(every *e) {
  sluice_buf *copy = NULL, *wrapped = NULL;
  if (CAN(e, bytes, copy))
    RECORD(e, bytes, copy, e->bytes->copy(sluice_text("copied"), &copy));
  if (CAN(e, bytes, view)) {
    sluice_span seen = e->bytes->view(copy);
    RECORD(e, bytes, view, right(seen.len == 6 && memcmp(seen.data, "copied", 6) == 0));
  }
  if (CAN(e, bytes, retain))
    e->bytes->retain(copy), RECORD(e, bytes, retain, SLUICE_OK);
  if (CAN(e, bytes, wrap)) {
    sluice_status status =
        e->bytes->wrap(e->host, sluice_text("wrapped"), released, e, &wrapped);
    if (status < 0)
      RECORD(e, bytes, wrap, status);
  }
  if (CAN(e, bytes, release)) {
    e->bytes->release(wrapped);
    e->bytes->release(copy);
    e->bytes->release(copy);
    RECORD(e, bytes, release, SLUICE_OK);
  }
}

static void call_log_and_metrics(every *e) {
  sluice_metric_def def = {SIZED(def), .kind = SLUICE_METRIC_HISTOGRAM};
  const double buckets[] = {1, 2};
  sluice_field field = {sluice_text("key"), sluice_text("value")};
  sluice_cell *cell = NULL;
  uint32_t id = 0;
  if (CAN(e, log, write)) {
    e->log->write(e->log, SLUICE_LOG_INFO, sluice_text("every entry is called"), &field, 1);
    RECORD(e, log, write, SLUICE_OK);
  }
  def.name = sluice_text("calls");
  def.buckets = buckets;
  def.nbuckets = 2;
  if (CAN(e, metrics, define))
    RECORD(e, metrics, define, e->metrics->define(e->metrics, &def, &id, NULL));
  if (CAN(e, metrics, cell))
    RECORD(e, metrics, cell, e->metrics->cell(e->metrics, id, NULL, 0, &cell));
  if (CAN(e, metrics, observe) && cell)
    e->metrics->observe(e->metrics, cell, 1.5), RECORD(e, metrics, observe, SLUICE_OK);
}

static void call_health(every *e) {
  sluice_span component = sluice_text("every");
  if (CAN(e, health, report))
    RECORD(e, health, report,
           e->health->report(e->health, component, SLUICE_HEALTH_READY, sluice_text("ready")));
  if (CAN(e, health, beat))
    RECORD(e, health, beat, e->health->beat(e->health, component, SLUICE_NEVER));
}

static void posted(void *ctx, sluice_status why) {
  RECORD((every *)ctx, exec, post, why);
}

static void work(void *ctx) {
  (void)ctx;
}

static void worked(void *ctx, sluice_status why) {
  RECORD((every *)ctx, exec, blocking, why);
}

static void fired(void *ctx, sluice_status why) {
  RECORD((every *)ctx, exec, timer, why);
}

static void ready(void *ctx, int32_t fd, uint32_t revents) {
  every *e = ctx;
  if (revents == 0)
    close(fd);
  else if (RECORD(e, exec, watch_fd, SLUICE_OK) == SLUICE_OK && CAN(e, exec, cancel))
    RECORD(e, exec, cancel, e->exec->cancel(e->exec, e->watch));
}

static void call_exec(every *e) {
  const sluice_exec_api *exec = e->exec;
  if (CAN(e, exec, now_ns))
    RECORD(e, exec, now_ns, right(exec->now_ns(exec) > 0));
  if (CAN(e, exec, here))
    RECORD(e, exec, here, right(exec->here(exec) == SLUICE_ON_LANE));
  if (CAN(e, exec, post) && exec->post(exec, posted, e) < 0)
    RECORD(e, exec, post, SLUICE_E_INTERNAL);
  if (CAN(e, exec, blocking) && exec->blocking(exec, work, worked, e) < 0)
    RECORD(e, exec, blocking, SLUICE_E_INTERNAL);
  if (CAN(e, exec, timer) && exec->timer(exec, 1000000, 0, fired, e, NULL) < 0)
    RECORD(e, exec, timer, SLUICE_E_INTERNAL);
  if (CAN(e, exec, watch_fd)) {
    int fd = eventfd(1, EFD_CLOEXEC);
    if (exec->watch_fd(exec, fd, POLLIN, ready, e, &e->watch) < 0)
      RECORD(e, exec, watch_fd, SLUICE_E_INTERNAL);
  }
}

/* ---- routing --------------------------------------------------------------- */

static void put(every *e, sluice_txn *txn, const char *kind) {
  sluice_document document = {SIZED(document), .kind = sluice_text(kind)};
  char name[64], text[4096];
  snprintf(name, sizeof name, "%s.json", kind);
  if (!every_read(e, name, text, sizeof text))
    return;
  document.name = sluice_text("every");
  document.json = sluice_text(text);
  if (CAN(e, routing, put))
    RECORD(e, routing, put, e->routing->put(e->routing, txn, &document, NULL));
}

static void committed(void *ctx, sluice_status status, uint64_t generation) {
  (void)generation;
  RECORD((every *)ctx, routing, commit, status);
}

static void call_routing(every *e) {
  const sluice_routing_api *routing = e->routing;
  sluice_issue issue = {SIZED(issue), .severity = SLUICE_ISSUE_WARNING};
  sluice_txn *txn = NULL;
  if (!CAN(e, routing, begin) || !CAN(e, routing, abandon) || !CAN(e, routing, commit))
    return;
  RECORD(e, routing, begin, routing->begin(routing, sluice_text("dropped"), 0, &txn, NULL));
  routing->abandon(routing, txn), RECORD(e, routing, abandon, SLUICE_OK);
  routing->begin(routing, sluice_text("kept"), SLUICE_TXN_RESYNC, &txn, NULL);
  put(e, txn, "listener");
  put(e, txn, "pool");
  put(e, txn, "route");
  if (CAN(e, routing, keep))
    RECORD(e, routing, keep,
           routing->keep(routing, txn, sluice_text("pool"), sluice_text("nothing")));
  if (CAN(e, routing, remove))
    RECORD(e, routing, remove,
           routing->remove(routing, txn, sluice_text("pool"), sluice_text("nothing")));
  issue.kind = sluice_text("pool");
  issue.name = sluice_text("noted");
  issue.code = sluice_text("every");
  issue.text = sluice_text("nothing is wrong");
  if (CAN(e, routing, note))
    RECORD(e, routing, note, routing->note(routing, txn, sluice_text("key"), &issue, NULL));
  if (CAN(e, routing, unnote))
    RECORD(e, routing, unnote, routing->unnote(routing, txn, sluice_text("key")));
  if (routing->commit(routing, txn, NULL, committed, e) < 0)
    RECORD(e, routing, commit, SLUICE_E_INTERNAL);
}

/* ---- client ---------------------------------------------------------------- */

static void ended(void *ctx, sluice_cid id, sluice_headers trailers,
                  const sluice_call_result *result) {
  (void)id, (void)trailers;
  RECORD((every *)ctx, client, send, right(result->outcome == SLUICE_E_CANCELED));
}

static void call_client(every *e) {
  const sluice_client_api *client = e->client;
  sluice_tls_profile profile = {SIZED(profile), .flags = SLUICE_TLS_INSECURE};
  sluice_call call = {SIZED(call), .flags = SLUICE_CALL_STREAM_BODY};
  sluice_call_events events = {SIZED(events), .end = ended};
  sluice_chunk piece = {sluice_text("piece"), NULL};
  sluice_cid id = SLUICE_NO_ID;
  char origin[512];
  profile.name = sluice_text("every");
  if (CAN(e, client, profile))
    RECORD(e, client, profile, client->profile(client, &profile, NULL));
  if (!CAN(e, client, send) || !every_read(e, "origin", origin, sizeof origin))
    return;
  call.method = sluice_text("POST");
  call.url = sluice_text(origin);
  if (client->send(client, &call, &events, e, &id, NULL) < 0)
    RECORD(e, client, send, SLUICE_E_INTERNAL);
  if (CAN(e, client, write))
    RECORD(e, client, write, client->write(client, id, &piece, 1, 0));
  if (CAN(e, client, resume))
    RECORD(e, client, resume, client->resume(client, id));
  if (CAN(e, client, cancel))
    RECORD(e, client, cancel, client->cancel(client, id));
}

void every_start(every *e) {
  record(e, "host.find", right(e->host->find(e->host, SLUICE_IF_HTTP) == e->http));
  call_bytes(e);
  call_log_and_metrics(e);
  call_health(e);
  call_exec(e);
  call_routing(e);
  call_client(e);
}

/* ---- service --------------------------------------------------------------- */

static sluice_status respond(every *e, sluice_rid id, int32_t status, const char *text) {
  sluice_chunk body = {sluice_text(text), NULL};
  sluice_response response = {SIZED(response), .status = status, .body = &body, .nbody = 1};
  return RECORD(e, http, respond, e->http->respond(id, &response, NULL));
}

static sluice_status whole(every *e, sluice_rid id) {
  if (CAN(e, http, header)) {
    sluice_span seen = e->http->header(id, SLUICE_REQUEST, sluice_text("x-every"), 0);
    RECORD(e, http, header, right(seen.len == 3 && memcmp(seen.data, "yes", 3) == 0));
  }
  if (CAN(e, http, deadline)) {
    uint64_t end = e->exec->now_ns(e->exec) + 60000000000u;
    RECORD(e, http, deadline, e->http->deadline(id, end));
  }
  respond(e, id, 200, "whole");
  return SLUICE_OK;
}

static sluice_status pieces(every *e, sluice_rid id) {
  sluice_headers none = {NULL, 0};
  if (CAN(e, http, inform))
    RECORD(e, http, inform, e->http->inform(id, 103, none, NULL));
  if (CAN(e, http, begin))
    RECORD(e, http, begin, e->http->begin(id, 200, none, NULL));
  e->streamed = id;
  return SLUICE_PENDING;
}

static void ask(void *ctx, sluice_status why) {
  every *e = ctx;
  if (why == SLUICE_OK && CAN(e, http, resume))
    RECORD(e, http, resume, e->http->resume(e->streamed, SLUICE_REQUEST));
}

sluice_status every_body(every *e, sluice_rid id, uint32_t flags) {
  sluice_chunk piece = {sluice_text("piece"), NULL};
  sluice_headers none = {NULL, 0};
  if (id != e->streamed)
    return SLUICE_OK;
  if (CAN(e, http, write))
    RECORD(e, http, write, e->http->write(id, &piece, 1, 0));
  if (!(flags & SLUICE_END))
    return e->exec->post(e->exec, ask, e) < 0 ? SLUICE_OK : SLUICE_E_AGAIN;
  if (CAN(e, http, finish))
    RECORD(e, http, finish, e->http->finish(id, none));
  return SLUICE_OK;
}

static sluice_status forward(every *e, sluice_rid id) {
  sluice_forward to = {SIZED(to), .pool = sluice_text("every")};
  if (!CAN(e, http, forward))
    return respond(e, id, 501, "no forward");
  RECORD(e, http, forward, e->http->forward(id, &to, NULL));
  return SLUICE_PENDING;
}

sluice_status every_request(every *e, sluice_rid id, sluice_span suffix) {
  static const char *const names[] = {"report", "whole", "pieces", "abort", "forward"};
  char text[8192];
  size_t place = 0;
  while (place < 5 && (strlen(names[place]) != suffix.len ||
                       memcmp(names[place], suffix.data, suffix.len) != 0))
    place++;
  switch (place) {
  case 0:
    every_report(e, text, sizeof text);
    respond(e, id, 200, text);
    return SLUICE_OK;
  case 1:
    return whole(e, id);
  case 2:
    return pieces(e, id);
  case 3:
    if (CAN(e, http, abort))
      RECORD(e, http, abort, e->http->abort(id, sluice_text("wanted")));
    return SLUICE_OK;
  case 4:
    return forward(e, id);
  default:
    return SLUICE_DECLINED;
  }
}

/* ---- filter ---------------------------------------------------------------- */

void every_open(every *e, sluice_rid id) {
  sluice_span name = sluice_text("x-every"), value = sluice_text("yes");
  if (CAN(e, http, header_set))
    RECORD(e, http, header_set, e->http->header_set(id, SLUICE_REQUEST, name, value));
  if (CAN(e, http, header_add))
    RECORD(e, http, header_add, e->http->header_add(id, SLUICE_REQUEST, name, value));
  if (CAN(e, http, header_remove))
    RECORD(e, http, header_remove,
           e->http->header_remove(id, SLUICE_REQUEST, sluice_text("x-removed")));
  if (CAN(e, http, path_set))
    RECORD(e, http, path_set,
           e->http->path_set(id, sluice_text("/filtered"), sluice_bytes(NULL, 0)));
}

sluice_flow every_filter_body(every *e, sluice_rid id, uint32_t side, uint32_t flags) {
  sluice_chunk piece = {sluice_text("filtered"), NULL}, out[8];
  size_t count = 8;
  if (!(flags & SLUICE_END))
    return SLUICE_HOLD;
  if (CAN(e, http, held))
    RECORD(e, http, held, e->http->held(id, side, out, &count));
  if (CAN(e, http, body_set))
    RECORD(e, http, body_set, e->http->body_set(id, side, &piece, 1));
  return SLUICE_GO;
}

void every_response(every *e, sluice_rid id) {
  if (CAN(e, http, status_set))
    RECORD(e, http, status_set, e->http->status_set(id, 201));
}

/* Members that nothing reaches while they are NULL. */
void every_look(every *e) {
  (void)CAN(e, http, header_set);
  (void)CAN(e, http, header_add);
  (void)CAN(e, http, header_remove);
  (void)CAN(e, http, path_set);
  (void)CAN(e, http, status_set);
  (void)CAN(e, http, body_set);
  (void)CAN(e, http, held);
}

/* ---- operations ------------------------------------------------------------ */

sluice_status every_operation(void *self, sluice_reply *out) {
  every *e = self;
  if (CAN(e, reply, text))
    e->reply->text(out, sluice_text("text"), sluice_text("a")), RECORD(e, reply, text, 0);
  if (CAN(e, reply, number))
    e->reply->number(out, sluice_text("number"), 1.5), RECORD(e, reply, number, 0);
  if (CAN(e, reply, integer))
    e->reply->integer(out, sluice_text("integer"), 7), RECORD(e, reply, integer, 0);
  if (CAN(e, reply, boolean))
    e->reply->boolean(out, sluice_text("boolean"), 1), RECORD(e, reply, boolean, 0);
  if (CAN(e, reply, json))
    e->reply->json(out, sluice_text("json"), sluice_text("[1]")), RECORD(e, reply, json, 0);
  if (CAN(e, reply, push))
    e->reply->push(out, sluice_text("child"), 0), RECORD(e, reply, push, 0);
  if (CAN(e, reply, pop))
    e->reply->pop(out), RECORD(e, reply, pop, 0);
  return SLUICE_OK;
}

sluice_status every_failing(void *self, sluice_reply *out) {
  every *e = self;
  if (CAN(e, reply, fail))
    e->reply->fail(out, sluice_text("wanted")), RECORD(e, reply, fail, 0);
  return SLUICE_E_STATE;
}

/* ---- the end --------------------------------------------------------------- */

void every_drained(void *ctx, sluice_status why) {
  every *e = ctx;
  (void)why;
  RECORD(e, exec, drained, SLUICE_OK);
  e->exec->drained(e->exec);
}

void every_stopped(void *ctx, sluice_status why) {
  every *e = ctx;
  char text[8192], path[4200];
  FILE *file;
  (void)why;
  RECORD(e, exec, stopped, SLUICE_OK);
  every_report(e, text, sizeof text);
  snprintf(path, sizeof path, "%s/report.json", e->state_dir);
  file = fopen(path, "w");
  if (file) {
    fputs(text, file);
    fclose(file);
  }
  e->exec->stopped(e->exec);
}
