/* sluice_call.h - a plain function for each entry of each table of sluice.h.
 *
 * For cgo, and for whoever else cannot call a function pointer:
 * sluice_log_write(log, ...) is log->write(log, ...). The name is that of the table's
 * type less its last word, and that of the entry. What an entry does, and who may call
 * it, is said there. The first argument is the table; where a table takes itself first,
 * it is given once.
 *
 * A table is not NULL, and neither is the entry: look before, where that is allowed. */
#ifndef SLUICE_CALL_H
#define SLUICE_CALL_H

#include "sluice.h"

#ifdef __cplusplus
extern "C" {
#endif

/* sluice_host */
static inline const void *sluice_host_find(const sluice_host *host, const char *id) {
  return host->find(host, id);
}

/* sluice_plugin_ops */
static inline sluice_status sluice_plugin_check_config(const sluice_plugin_ops *plugin,
                                                       sluice_span json, sluice_error *err) {
  return plugin->check_config(json, err);
}

static inline sluice_status sluice_plugin_create(const sluice_plugin_ops *plugin,
                                                 const sluice_host *host,
                                                 const sluice_instance *inst, void **self,
                                                 sluice_error *err) {
  return plugin->create(host, inst, self, err);
}

static inline uint32_t sluice_plugin_traits(const sluice_plugin_ops *plugin, void *self) {
  return plugin->traits(self);
}

static inline const void *sluice_plugin_role(const sluice_plugin_ops *plugin, void *self,
                                             const char *role_id) {
  return plugin->role(self, role_id);
}

static inline sluice_status sluice_plugin_start(const sluice_plugin_ops *plugin, void *self,
                                                sluice_error *err) {
  return plugin->start(self, err);
}

static inline sluice_status sluice_plugin_reconfigure(const sluice_plugin_ops *plugin, void *self,
                                                      sluice_span json, sluice_error *err) {
  return plugin->reconfigure(self, json, err);
}

static inline sluice_status sluice_plugin_drain(const sluice_plugin_ops *plugin, void *self,
                                                uint64_t deadline_ns) {
  return plugin->drain(self, deadline_ns);
}

static inline sluice_status sluice_plugin_stop(const sluice_plugin_ops *plugin, void *self,
                                               uint64_t deadline_ns) {
  return plugin->stop(self, deadline_ns);
}

static inline void sluice_plugin_destroy(const sluice_plugin_ops *plugin, void *self) {
  plugin->destroy(self);
}

/* sluice_bytes_api */
static inline void sluice_bytes_retain(const sluice_bytes_api *bytes, sluice_buf *buf) {
  bytes->retain(buf);
}

static inline void sluice_bytes_release(const sluice_bytes_api *bytes, sluice_buf *buf) {
  bytes->release(buf);
}

static inline sluice_status sluice_bytes_wrap(const sluice_bytes_api *table,
                                              const sluice_host *owner, sluice_span bytes,
                                              sluice_release release, void *ctx, sluice_buf **out) {
  return table->wrap(owner, bytes, release, ctx, out);
}

static inline sluice_status sluice_bytes_copy(const sluice_bytes_api *table, sluice_span bytes,
                                              sluice_buf **out) {
  return table->copy(bytes, out);
}

static inline sluice_span sluice_bytes_view(const sluice_bytes_api *bytes, sluice_buf *buf) {
  return bytes->view(buf);
}

/* sluice_log_api */
static inline void sluice_log_write(const sluice_log_api *log, int32_t level, sluice_span message,
                                    const sluice_field *fields, size_t nfields) {
  log->write(log, level, message, fields, nfields);
}

/* sluice_metrics_api */
static inline sluice_status sluice_metrics_define(const sluice_metrics_api *metrics,
                                                  const sluice_metric_def *def, uint32_t *id,
                                                  sluice_error *err) {
  return metrics->define(metrics, def, id, err);
}

static inline sluice_status sluice_metrics_cell(const sluice_metrics_api *metrics, uint32_t id,
                                                const sluice_span *values, size_t nvalues,
                                                sluice_cell **out) {
  return metrics->cell(metrics, id, values, nvalues, out);
}

static inline void sluice_metrics_observe(const sluice_metrics_api *metrics, sluice_cell *histogram,
                                          double value) {
  metrics->observe(metrics, histogram, value);
}

/* sluice_health_api */
static inline sluice_status sluice_health_report(const sluice_health_api *health,
                                                 sluice_span component, int32_t state,
                                                 sluice_span message) {
  return health->report(health, component, state, message);
}

static inline sluice_status sluice_health_beat(const sluice_health_api *health,
                                               sluice_span component, uint64_t max_gap_ns) {
  return health->beat(health, component, max_gap_ns);
}

/* sluice_exec_api */
static inline uint64_t sluice_exec_now_ns(const sluice_exec_api *exec) {
  return exec->now_ns(exec);
}

static inline int32_t sluice_exec_here(const sluice_exec_api *exec) {
  return exec->here(exec);
}

static inline sluice_status sluice_exec_post(const sluice_exec_api *exec, sluice_task fn,
                                             void *ctx) {
  return exec->post(exec, fn, ctx);
}

static inline sluice_status sluice_exec_blocking(const sluice_exec_api *exec, sluice_work work,
                                                 sluice_task done, void *ctx) {
  return exec->blocking(exec, work, done, ctx);
}

static inline sluice_status sluice_exec_timer(const sluice_exec_api *exec, uint64_t first_ns,
                                              uint64_t repeat_ns, sluice_task fn, void *ctx,
                                              sluice_tid *id) {
  return exec->timer(exec, first_ns, repeat_ns, fn, ctx, id);
}

static inline sluice_status sluice_exec_watch_fd(const sluice_exec_api *exec, int32_t fd,
                                                 uint32_t events, sluice_ready fn, void *ctx,
                                                 sluice_tid *id) {
  return exec->watch_fd(exec, fd, events, fn, ctx, id);
}

static inline sluice_status sluice_exec_cancel(const sluice_exec_api *exec, sluice_tid id) {
  return exec->cancel(exec, id);
}

static inline void sluice_exec_drained(const sluice_exec_api *exec) {
  exec->drained(exec);
}

static inline void sluice_exec_stopped(const sluice_exec_api *exec) {
  exec->stopped(exec);
}

/* sluice_client_api */
static inline sluice_status sluice_client_send(const sluice_client_api *client,
                                               const sluice_call *call,
                                               const sluice_call_events *events, void *ctx,
                                               sluice_cid *id, sluice_error *err) {
  return client->send(client, call, events, ctx, id, err);
}

static inline sluice_status sluice_client_write(const sluice_client_api *client, sluice_cid id,
                                                const sluice_chunk *chunks, size_t n,
                                                uint32_t flags) {
  return client->write(client, id, chunks, n, flags);
}

static inline sluice_status sluice_client_resume(const sluice_client_api *client, sluice_cid id) {
  return client->resume(client, id);
}

static inline sluice_status sluice_client_cancel(const sluice_client_api *client, sluice_cid id) {
  return client->cancel(client, id);
}

static inline sluice_status sluice_client_profile(const sluice_client_api *client,
                                                  const sluice_tls_profile *profile,
                                                  sluice_error *err) {
  return client->profile(client, profile, err);
}

/* sluice_http_api */
static inline sluice_span sluice_http_header(const sluice_http_api *http, sluice_rid id,
                                             uint32_t side, sluice_span name, uint32_t nth) {
  return http->header(id, side, name, nth);
}

static inline sluice_status sluice_http_respond(const sluice_http_api *http, sluice_rid id,
                                                const sluice_response *response,
                                                sluice_error *err) {
  return http->respond(id, response, err);
}

static inline sluice_status sluice_http_inform(const sluice_http_api *http, sluice_rid id,
                                               int32_t status_1xx, sluice_headers headers,
                                               sluice_error *err) {
  return http->inform(id, status_1xx, headers, err);
}

static inline sluice_status sluice_http_begin(const sluice_http_api *http, sluice_rid id,
                                              int32_t status, sluice_headers headers,
                                              sluice_error *err) {
  return http->begin(id, status, headers, err);
}

static inline sluice_status sluice_http_write(const sluice_http_api *http, sluice_rid id,
                                              const sluice_chunk *chunks, size_t n,
                                              uint32_t flags) {
  return http->write(id, chunks, n, flags);
}

static inline sluice_status sluice_http_finish(const sluice_http_api *http, sluice_rid id,
                                               sluice_headers trailers) {
  return http->finish(id, trailers);
}

static inline sluice_status sluice_http_abort(const sluice_http_api *http, sluice_rid id,
                                              sluice_span reason) {
  return http->abort(id, reason);
}

static inline sluice_status sluice_http_resume(const sluice_http_api *http, sluice_rid id,
                                               uint32_t side) {
  return http->resume(id, side);
}

static inline sluice_status sluice_http_deadline(const sluice_http_api *http, sluice_rid id,
                                                 uint64_t deadline_ns) {
  return http->deadline(id, deadline_ns);
}

static inline sluice_status sluice_http_forward(const sluice_http_api *http, sluice_rid id,
                                                const sluice_forward *forward, sluice_error *err) {
  return http->forward(id, forward, err);
}

static inline sluice_status sluice_http_header_set(const sluice_http_api *http, sluice_rid id,
                                                   uint32_t side, sluice_span name,
                                                   sluice_span value) {
  return http->header_set(id, side, name, value);
}

static inline sluice_status sluice_http_header_add(const sluice_http_api *http, sluice_rid id,
                                                   uint32_t side, sluice_span name,
                                                   sluice_span value) {
  return http->header_add(id, side, name, value);
}

static inline sluice_status sluice_http_header_remove(const sluice_http_api *http, sluice_rid id,
                                                      uint32_t side, sluice_span name) {
  return http->header_remove(id, side, name);
}

static inline sluice_status sluice_http_path_set(const sluice_http_api *http, sluice_rid id,
                                                 sluice_span path, sluice_span query) {
  return http->path_set(id, path, query);
}

static inline sluice_status sluice_http_status_set(const sluice_http_api *http, sluice_rid id,
                                                   int32_t status) {
  return http->status_set(id, status);
}

static inline sluice_status sluice_http_body_set(const sluice_http_api *http, sluice_rid id,
                                                 uint32_t side, const sluice_chunk *chunks,
                                                 size_t n) {
  return http->body_set(id, side, chunks, n);
}

static inline sluice_status sluice_http_held(const sluice_http_api *http, sluice_rid id,
                                             uint32_t side, sluice_chunk *out, size_t *n) {
  return http->held(id, side, out, n);
}

/* sluice_service_ops */
static inline sluice_status sluice_service_mounts(const sluice_service_ops *service, void *self,
                                                  sluice_list *out, sluice_error *err) {
  return service->mounts(self, out, err);
}

static inline sluice_status sluice_service_request(const sluice_service_ops *service, void *self,
                                                   sluice_rid id, uint32_t tag,
                                                   const sluice_request *request,
                                                   const sluice_chunk *body, size_t nbody,
                                                   void **ctx, sluice_error *err) {
  return service->request(self, id, tag, request, body, nbody, ctx, err);
}

static inline sluice_status sluice_service_body(const sluice_service_ops *service, void *self,
                                                void *ctx, sluice_rid id,
                                                const sluice_chunk *chunks, size_t n,
                                                uint32_t flags) {
  return service->body(self, ctx, id, chunks, n, flags);
}

static inline void sluice_service_trailers(const sluice_service_ops *service, void *self, void *ctx,
                                           sluice_rid id, sluice_headers trailers) {
  service->trailers(self, ctx, id, trailers);
}

static inline void sluice_service_writable(const sluice_service_ops *service, void *self, void *ctx,
                                           sluice_rid id) {
  service->writable(self, ctx, id);
}

static inline void sluice_service_cancel(const sluice_service_ops *service, void *self, void *ctx,
                                         sluice_rid id, int32_t why) {
  service->cancel(self, ctx, id, why);
}

static inline void sluice_service_done(const sluice_service_ops *service, void *self, void *ctx,
                                       sluice_rid id, const sluice_exchange *x) {
  service->done(self, ctx, id, x);
}

/* sluice_filter_ops */
static inline sluice_status sluice_filter_route_new(const sluice_filter_ops *filter, void *self,
                                                    sluice_span json, void **cfg,
                                                    sluice_error *err) {
  return filter->route_new(self, json, cfg, err);
}

static inline void sluice_filter_route_free(const sluice_filter_ops *filter, void *self,
                                            void *cfg) {
  filter->route_free(self, cfg);
}

static inline sluice_flow sluice_filter_open(const sluice_filter_ops *filter, void *self, void *cfg,
                                             sluice_rid id, const sluice_request *request,
                                             void **ctx) {
  return filter->open(self, cfg, id, request, ctx);
}

static inline sluice_flow sluice_filter_body(const sluice_filter_ops *filter, void *self, void *ctx,
                                             sluice_rid id, uint32_t side,
                                             const sluice_chunk *chunks, size_t n, uint32_t flags) {
  return filter->body(self, ctx, id, side, chunks, n, flags);
}

static inline sluice_flow sluice_filter_response(const sluice_filter_ops *filter, void *self,
                                                 void *ctx, sluice_rid id, int32_t status,
                                                 sluice_headers headers, uint32_t flags) {
  return filter->response(self, ctx, id, status, headers, flags);
}

static inline sluice_flow sluice_filter_trailers(const sluice_filter_ops *filter, void *self,
                                                 void *ctx, sluice_rid id, uint32_t side,
                                                 sluice_headers trailers) {
  return filter->trailers(self, ctx, id, side, trailers);
}

static inline void sluice_filter_close(const sluice_filter_ops *filter, void *self, void *ctx,
                                       sluice_rid id, const sluice_exchange *x) {
  filter->close(self, ctx, id, x);
}

/* sluice_routing_api */
static inline sluice_status sluice_routing_begin(const sluice_routing_api *routing,
                                                 sluice_span revision, uint32_t flags,
                                                 sluice_txn **out, sluice_error *err) {
  return routing->begin(routing, revision, flags, out, err);
}

static inline sluice_status sluice_routing_put(const sluice_routing_api *routing, sluice_txn *txn,
                                               const sluice_document *document, sluice_error *err) {
  return routing->put(routing, txn, document, err);
}

static inline sluice_status sluice_routing_keep(const sluice_routing_api *routing, sluice_txn *txn,
                                                sluice_span kind, sluice_span name) {
  return routing->keep(routing, txn, kind, name);
}

static inline sluice_status sluice_routing_remove(const sluice_routing_api *routing,
                                                  sluice_txn *txn, sluice_span kind,
                                                  sluice_span name) {
  return routing->remove(routing, txn, kind, name);
}

static inline sluice_status sluice_routing_note(const sluice_routing_api *routing, sluice_txn *txn,
                                                sluice_span key, const sluice_issue *issue,
                                                sluice_error *err) {
  return routing->note(routing, txn, key, issue, err);
}

static inline sluice_status sluice_routing_unnote(const sluice_routing_api *routing,
                                                  sluice_txn *txn, sluice_span key) {
  return routing->unnote(routing, txn, key);
}

static inline sluice_status sluice_routing_commit(
    const sluice_routing_api *routing, sluice_txn *txn,
    void (*issue)(void *ctx, const sluice_issue *issue),
    void (*committed)(void *ctx, sluice_status status, uint64_t generation), void *ctx) {
  return routing->commit(routing, txn, issue, committed, ctx);
}

static inline void sluice_routing_abandon(const sluice_routing_api *routing, sluice_txn *txn) {
  routing->abandon(routing, txn);
}

/* sluice_source_ops */
static inline sluice_status sluice_source_resync(const sluice_source_ops *source, void *self,
                                                 sluice_error *err) {
  return source->resync(self, err);
}

static inline void sluice_source_installed(const sluice_source_ops *source, void *self,
                                           uint64_t generation, uint32_t settled) {
  source->installed(self, generation, settled);
}

/* sluice_reply_api */
static inline void sluice_reply_text(const sluice_reply_api *reply, sluice_reply *r,
                                     sluice_span key, sluice_span value) {
  reply->text(r, key, value);
}

static inline void sluice_reply_number(const sluice_reply_api *reply, sluice_reply *r,
                                       sluice_span key, double value) {
  reply->number(r, key, value);
}

static inline void sluice_reply_integer(const sluice_reply_api *reply, sluice_reply *r,
                                        sluice_span key, int64_t value) {
  reply->integer(r, key, value);
}

static inline void sluice_reply_boolean(const sluice_reply_api *reply, sluice_reply *r,
                                        sluice_span key, int32_t value) {
  reply->boolean(r, key, value);
}

static inline void sluice_reply_json(const sluice_reply_api *reply, sluice_reply *r,
                                     sluice_span key, sluice_span value) {
  reply->json(r, key, value);
}

static inline void sluice_reply_push(const sluice_reply_api *reply, sluice_reply *r,
                                     sluice_span key, int32_t array) {
  reply->push(r, key, array);
}

static inline void sluice_reply_pop(const sluice_reply_api *reply, sluice_reply *r) {
  reply->pop(r);
}

static inline void sluice_reply_fail(const sluice_reply_api *reply, sluice_reply *r,
                                     sluice_span message) {
  reply->fail(r, message);
}

/* sluice_admin_ops */
static inline sluice_status sluice_admin_operations(const sluice_admin_ops *admin, void *self,
                                                    sluice_list *out) {
  return admin->operations(self, out);
}

static inline sluice_status sluice_admin_dump(const sluice_admin_ops *admin, void *self,
                                              sluice_reply *out) {
  return admin->dump(self, out);
}

#if defined(__cplusplus)
} /* extern "C" */
#endif

#endif /* SLUICE_CALL_H */
