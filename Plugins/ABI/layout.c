/* The layout of the header on 64-bit machines, row by row, held at compile time.
 *
 * These rows are the table: the tests read them here, compare them with what Swift
 * sees, and look for every member and constant that the header declares. */
#include "sluice.h"

#define SIZE(type, bytes) _Static_assert(sizeof(type) == (bytes), "size of " #type)
#define AT(type, member, bytes) \
  _Static_assert(offsetof(type, member) == (bytes), "offset of " #type "." #member)

#if UINTPTR_MAX == 0xFFFFFFFFFFFFFFFFu

SIZE(sluice_span, 16);
AT(sluice_span, data, 0);
AT(sluice_span, len, 8);

SIZE(sluice_chunk, 24);
AT(sluice_chunk, bytes, 0);
AT(sluice_chunk, owner, 16);

SIZE(sluice_header, 40);
AT(sluice_header, name, 0);
AT(sluice_header, value, 16);
AT(sluice_header, flags, 32);
AT(sluice_header, reserved, 36);

SIZE(sluice_headers, 16);
AT(sluice_headers, items, 0);
AT(sluice_headers, count, 8);

SIZE(sluice_list, 16);
AT(sluice_list, items, 0);
AT(sluice_list, count, 8);
AT(sluice_list, stride, 12);

SIZE(sluice_error, 512);
AT(sluice_error, size, 0);
AT(sluice_error, code, 4);
AT(sluice_error, path_len, 8);
AT(sluice_error, text_len, 12);
AT(sluice_error, path, 16);
AT(sluice_error, text, 128);

SIZE(sluice_field, 32);
AT(sluice_field, key, 0);
AT(sluice_field, value, 16);

SIZE(sluice_stamp, 20);
AT(sluice_stamp, magic, 0);
AT(sluice_stamp, abi_major, 4);
AT(sluice_stamp, abi_minor, 6);
AT(sluice_stamp, pointer_bits, 8);
AT(sluice_stamp, little_endian, 9);
AT(sluice_stamp, sz_span, 10);
AT(sluice_stamp, sz_chunk, 12);
AT(sluice_stamp, sz_header, 14);
AT(sluice_stamp, sz_list, 16);
AT(sluice_stamp, sz_error, 18);

SIZE(sluice_hello, 56);
AT(sluice_hello, size, 0);
AT(sluice_hello, stamp, 4);
AT(sluice_hello, host_name, 24);
AT(sluice_hello, host_version, 40);

SIZE(sluice_plugin_desc, 136);
AT(sluice_plugin_desc, size, 0);
AT(sluice_plugin_desc, flags, 4);
AT(sluice_plugin_desc, stamp, 8);
AT(sluice_plugin_desc, needs_minor, 28);
AT(sluice_plugin_desc, reserved, 30);
AT(sluice_plugin_desc, id, 32);
AT(sluice_plugin_desc, version, 48);
AT(sluice_plugin_desc, summary, 64);
AT(sluice_plugin_desc, config_schema, 80);
AT(sluice_plugin_desc, route_schema, 96);
AT(sluice_plugin_desc, requires_ids, 112);
AT(sluice_plugin_desc, ops, 128);

SIZE(sluice_host, 16);
AT(sluice_host, size, 0);
AT(sluice_host, abi_major, 4);
AT(sluice_host, abi_minor, 6);
AT(sluice_host, find, 8);

SIZE(sluice_instance, 80);
AT(sluice_instance, size, 0);
AT(sluice_instance, workers, 4);
AT(sluice_instance, name, 8);
AT(sluice_instance, config, 24);
AT(sluice_instance, state_dir, 40);
AT(sluice_instance, check_only, 56);
AT(sluice_instance, restarts, 60);
AT(sluice_instance, config_dir, 64);

SIZE(sluice_plugin_ops, 80);
AT(sluice_plugin_ops, size, 0);
AT(sluice_plugin_ops, reserved, 4);
AT(sluice_plugin_ops, check_config, 8);
AT(sluice_plugin_ops, create, 16);
AT(sluice_plugin_ops, traits, 24);
AT(sluice_plugin_ops, role, 32);
AT(sluice_plugin_ops, start, 40);
AT(sluice_plugin_ops, reconfigure, 48);
AT(sluice_plugin_ops, drain, 56);
AT(sluice_plugin_ops, stop, 64);
AT(sluice_plugin_ops, destroy, 72);

SIZE(sluice_bytes_api, 40);
AT(sluice_bytes_api, retain, 0);
AT(sluice_bytes_api, release, 8);
AT(sluice_bytes_api, wrap, 16);
AT(sluice_bytes_api, copy, 24);
AT(sluice_bytes_api, view, 32);

SIZE(sluice_log_api, 16);
AT(sluice_log_api, threshold, 0);
AT(sluice_log_api, write, 8);

SIZE(sluice_metric_def, 88);
AT(sluice_metric_def, size, 0);
AT(sluice_metric_def, kind, 4);
AT(sluice_metric_def, name, 8);
AT(sluice_metric_def, help, 24);
AT(sluice_metric_def, unit, 40);
AT(sluice_metric_def, labels, 56);
AT(sluice_metric_def, nlabels, 64);
AT(sluice_metric_def, max_series, 68);
AT(sluice_metric_def, buckets, 72);
AT(sluice_metric_def, nbuckets, 80);
AT(sluice_metric_def, reserved, 84);

SIZE(sluice_cell, 8);
AT(sluice_cell, value, 0);

SIZE(sluice_metrics_api, 24);
AT(sluice_metrics_api, define, 0);
AT(sluice_metrics_api, cell, 8);
AT(sluice_metrics_api, observe, 16);

SIZE(sluice_health_api, 16);
AT(sluice_health_api, report, 0);
AT(sluice_health_api, beat, 8);

SIZE(sluice_exec_api, 72);
AT(sluice_exec_api, now_ns, 0);
AT(sluice_exec_api, here, 8);
AT(sluice_exec_api, post, 16);
AT(sluice_exec_api, blocking, 24);
AT(sluice_exec_api, timer, 32);
AT(sluice_exec_api, watch_fd, 40);
AT(sluice_exec_api, cancel, 48);
AT(sluice_exec_api, drained, 56);
AT(sluice_exec_api, stopped, 64);

SIZE(sluice_call, 144);
AT(sluice_call, size, 0);
AT(sluice_call, flags, 4);
AT(sluice_call, method, 8);
AT(sluice_call, url, 24);
AT(sluice_call, tls_profile, 40);
AT(sluice_call, bearer_file, 56);
AT(sluice_call, headers, 72);
AT(sluice_call, body, 88);
AT(sluice_call, nbody, 96);
AT(sluice_call, connect_ns, 104);
AT(sluice_call, head_ns, 112);
AT(sluice_call, idle_ns, 120);
AT(sluice_call, total_ns, 128);
AT(sluice_call, max_body, 136);

SIZE(sluice_call_result, 80);
AT(sluice_call_result, size, 0);
AT(sluice_call_result, outcome, 4);
AT(sluice_call_result, failed, 8);
AT(sluice_call_result, maybe_sent, 12);
AT(sluice_call_result, http_status, 16);
AT(sluice_call_result, attempts, 20);
AT(sluice_call_result, connect_ns, 24);
AT(sluice_call_result, head_ns, 32);
AT(sluice_call_result, total_ns, 40);
AT(sluice_call_result, rx_bytes, 48);
AT(sluice_call_result, tx_bytes, 56);
AT(sluice_call_result, detail, 64);

SIZE(sluice_call_events, 40);
AT(sluice_call_events, size, 0);
AT(sluice_call_events, reserved, 4);
AT(sluice_call_events, head, 8);
AT(sluice_call_events, body, 16);
AT(sluice_call_events, writable, 24);
AT(sluice_call_events, end, 32);

SIZE(sluice_tls_profile, 88);
AT(sluice_tls_profile, size, 0);
AT(sluice_tls_profile, flags, 4);
AT(sluice_tls_profile, name, 8);
AT(sluice_tls_profile, ca_pem, 24);
AT(sluice_tls_profile, cert_pem, 40);
AT(sluice_tls_profile, key_pem, 56);
AT(sluice_tls_profile, server_name, 72);

SIZE(sluice_client_api, 40);
AT(sluice_client_api, send, 0);
AT(sluice_client_api, write, 8);
AT(sluice_client_api, resume, 16);
AT(sluice_client_api, cancel, 24);
AT(sluice_client_api, profile, 32);

SIZE(sluice_request, 264);
AT(sluice_request, size, 0);
AT(sluice_request, method, 4);
AT(sluice_request, method_name, 8);
AT(sluice_request, scheme, 24);
AT(sluice_request, authority, 40);
AT(sluice_request, path, 56);
AT(sluice_request, suffix, 72);
AT(sluice_request, query, 88);
AT(sluice_request, headers, 104);
AT(sluice_request, trailers, 120);
AT(sluice_request, content_length, 136);
AT(sluice_request, http_version, 144);
AT(sluice_request, flags, 148);
AT(sluice_request, peer, 152);
AT(sluice_request, sni, 168);
AT(sluice_request, client_cert, 184);
AT(sluice_request, request_id, 200);
AT(sluice_request, route, 216);
AT(sluice_request, trace_parent, 232);
AT(sluice_request, arrived_ns, 248);
AT(sluice_request, deadline_ns, 256);

SIZE(sluice_response, 56);
AT(sluice_response, size, 0);
AT(sluice_response, status, 4);
AT(sluice_response, headers, 8);
AT(sluice_response, body, 24);
AT(sluice_response, nbody, 32);
AT(sluice_response, reason, 40);

SIZE(sluice_exchange, 64);
AT(sluice_exchange, size, 0);
AT(sluice_exchange, status, 4);
AT(sluice_exchange, close, 8);
AT(sluice_exchange, retries, 12);
AT(sluice_exchange, rx_bytes, 16);
AT(sluice_exchange, tx_bytes, 24);
AT(sluice_exchange, first_byte_ns, 32);
AT(sluice_exchange, total_ns, 40);
AT(sluice_exchange, upstream, 48);

SIZE(sluice_forward, 88);
AT(sluice_forward, size, 0);
AT(sluice_forward, reserved, 4);
AT(sluice_forward, source, 8);
AT(sluice_forward, pool, 24);
AT(sluice_forward, path, 40);
AT(sluice_forward, set, 56);
AT(sluice_forward, remove, 72);
AT(sluice_forward, nremove, 80);

SIZE(sluice_http_api, 136);
AT(sluice_http_api, header, 0);
AT(sluice_http_api, respond, 8);
AT(sluice_http_api, inform, 16);
AT(sluice_http_api, begin, 24);
AT(sluice_http_api, write, 32);
AT(sluice_http_api, finish, 40);
AT(sluice_http_api, abort, 48);
AT(sluice_http_api, resume, 56);
AT(sluice_http_api, deadline, 64);
AT(sluice_http_api, forward, 72);
AT(sluice_http_api, header_set, 80);
AT(sluice_http_api, header_add, 88);
AT(sluice_http_api, header_remove, 96);
AT(sluice_http_api, path_set, 104);
AT(sluice_http_api, status_set, 112);
AT(sluice_http_api, body_set, 120);
AT(sluice_http_api, held, 128);

SIZE(sluice_mount, 88);
AT(sluice_mount, size, 0);
AT(sluice_mount, methods, 4);
AT(sluice_mount, prefix, 8);
AT(sluice_mount, pattern, 24);
AT(sluice_mount, body, 40);
AT(sluice_mount, flags, 44);
AT(sluice_mount, max_body, 48);
AT(sluice_mount, head_ns, 56);
AT(sluice_mount, idle_ns, 64);
AT(sluice_mount, total_ns, 72);
AT(sluice_mount, max_inflight, 80);
AT(sluice_mount, tag, 84);

SIZE(sluice_service_ops, 64);
AT(sluice_service_ops, size, 0);
AT(sluice_service_ops, reserved, 4);
AT(sluice_service_ops, mounts, 8);
AT(sluice_service_ops, request, 16);
AT(sluice_service_ops, body, 24);
AT(sluice_service_ops, trailers, 32);
AT(sluice_service_ops, writable, 40);
AT(sluice_service_ops, cancel, 48);
AT(sluice_service_ops, done, 56);

SIZE(sluice_filter_ops, 64);
AT(sluice_filter_ops, size, 0);
AT(sluice_filter_ops, wants, 4);
AT(sluice_filter_ops, route_new, 8);
AT(sluice_filter_ops, route_free, 16);
AT(sluice_filter_ops, open, 24);
AT(sluice_filter_ops, body, 32);
AT(sluice_filter_ops, response, 40);
AT(sluice_filter_ops, trailers, 48);
AT(sluice_filter_ops, close, 56);

SIZE(sluice_issue, 120);
AT(sluice_issue, size, 0);
AT(sluice_issue, severity, 4);
AT(sluice_issue, kind, 8);
AT(sluice_issue, name, 24);
AT(sluice_issue, code, 40);
AT(sluice_issue, pointer, 56);
AT(sluice_issue, where, 72);
AT(sluice_issue, source, 88);
AT(sluice_issue, text, 104);

SIZE(sluice_origin, 56);
AT(sluice_origin, size, 0);
AT(sluice_origin, reserved, 4);
AT(sluice_origin, pointer, 8);
AT(sluice_origin, where, 24);
AT(sluice_origin, source, 40);

SIZE(sluice_document, 88);
AT(sluice_document, size, 0);
AT(sluice_document, reserved, 4);
AT(sluice_document, kind, 8);
AT(sluice_document, name, 24);
AT(sluice_document, json, 40);
AT(sluice_document, where, 56);
AT(sluice_document, origins, 72);

SIZE(sluice_routing_api, 64);
AT(sluice_routing_api, begin, 0);
AT(sluice_routing_api, put, 8);
AT(sluice_routing_api, keep, 16);
AT(sluice_routing_api, remove, 24);
AT(sluice_routing_api, note, 32);
AT(sluice_routing_api, unnote, 40);
AT(sluice_routing_api, commit, 48);
AT(sluice_routing_api, abandon, 56);

SIZE(sluice_source_ops, 24);
AT(sluice_source_ops, size, 0);
AT(sluice_source_ops, required, 4);
AT(sluice_source_ops, resync, 8);
AT(sluice_source_ops, installed, 16);

SIZE(sluice_reply_api, 64);
AT(sluice_reply_api, text, 0);
AT(sluice_reply_api, number, 8);
AT(sluice_reply_api, integer, 16);
AT(sluice_reply_api, boolean, 24);
AT(sluice_reply_api, json, 32);
AT(sluice_reply_api, push, 40);
AT(sluice_reply_api, pop, 48);
AT(sluice_reply_api, fail, 56);

SIZE(sluice_param, 56);
AT(sluice_param, size, 0);
AT(sluice_param, optional, 4);
AT(sluice_param, name, 8);
AT(sluice_param, doc, 24);
AT(sluice_param, fallback, 40);

SIZE(sluice_op, 80);
AT(sluice_op, size, 0);
AT(sluice_op, access, 4);
AT(sluice_op, name, 8);
AT(sluice_op, doc, 24);
AT(sluice_op, signature, 40);
AT(sluice_op, params, 48);
AT(sluice_op, fn, 64);
AT(sluice_op, flags, 72);
AT(sluice_op, reserved, 76);

SIZE(sluice_admin_ops, 24);
AT(sluice_admin_ops, size, 0);
AT(sluice_admin_ops, reserved, 4);
AT(sluice_admin_ops, operations, 8);
AT(sluice_admin_ops, dump, 16);

#endif
