/// `docs/schemas/listener.json`, written here by `make schemas`.
enum ListenerSchema {
    // swift-format-ignore
    static let text = #"""
        {"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"https://sluice.dev/sche\#
        mas/listener.json","title":"Listener","description":"A socket and what is spoken on it. \#
        Listeners are keyed by address and port: several documents may share a socket and are to\#
        ld apart by hostname (Host or SNI). Removing the last document of a socket drains it; no\#
         other change closes a connection.","type":"object","required":["port","protocol"],"prop\#
        erties":{"port":{"description":"The TCP or UDP port to bind.","type":"integer","minimum"\#
        :1,"maximum":65535},"protocol":{"description":"HTTP: HTTP/1.1 and HTTP/2 in the clear. H\#
        TTPS: the same under TLS that ends here. TLS, TCP, UDP: bytes or datagrams for l4route d\#
        ocuments. A TCP listener shares its port with no other kind.","enum":["HTTP","HTTPS","TL\#
        S","TCP","UDP"]},"address":{"title":"an IPv4 or IPv6 address","description":"The IPv4 or\#
         IPv6 address to bind, without brackets or zone. Absent: all addresses, dual-stack `::`.\#
        ","type":"string","minLength":2,"maxLength":45,"pattern":"^([0-9]{1,3}(\\.[0-9]{1,3}){3}\#
        |[0-9A-Fa-f]*:[0-9A-Fa-f:.]*)$"},"publicPort":{"description":"The port that the downstre\#
        am sees, where something in front maps it to `port`. Redirects without a port use it. De\#
        fault: port.","type":"integer","minimum":1,"maximum":65535},"hostname":{"description":"T\#
        he hosts this listener is for: an exact name or a wildcard; a port in the request's Host\#
         is ignored. Absent: every host. For TLS and HTTPS it also selects by SNI.","$ref":"#/$d\#
        efs/hostPattern"},"tls":{"description":"TLS settings; required for HTTPS and TLS, refuse\#
        d for the others.","$ref":"#/$defs/tls"},"isolation":{"description":"Whether only the ro\#
        utes of the most specific listener are considered (GatewayHTTPListenerIsolation); a host\#
         without a match there is answered 404. false: less specific listeners of the same socke\#
        t are asked next.","type":"boolean","default":true},"detectMisdirected":{"description":"\#
        HTTPS: whether a request whose host belongs to another listener than the connection's SN\#
        I is answered 421 (GatewayHTTPSListenerDetectMisdirectedRequests).","type":"boolean","de\#
        fault":true},"h2c":{"description":"HTTP: whether HTTP/2 with prior knowledge is spoken i\#
        n the clear (RFC 9113 section 3.3).","type":"boolean","default":true},"proxyProtocol":{"\#
        description":"Expect a PROXY protocol header before anything else on a connection and ta\#
        ke the downstream's address from it. Absent: none is read, and one that comes is an erro\#
        r of the protocol above.","type":"object","properties":{"versions":{"description":"The v\#
        ersions understood.","type":"array","items":{"enum":[1,2]},"minItems":1,"maxItems":2,"de\#
        fault":[1,2]},"required":{"description":"Whether a connection without the header is clos\#
        ed. false: it is served under its own address.","type":"boolean","default":true},"truste\#
        d":{"description":"The peers whose header is believed; others are treated as without one\#
        . Absent: every peer, so that only a private network may reach the port.","type":"array"\#
        ,"items":{"$ref":"#/$defs/network"},"minItems":1,"maxItems":256}},"additionalProperties"\#
        :false},"limits":{"description":"Limits of this listener; absent members keep the host's\#
         setting.","$ref":"#/$defs/limits"},"order":{"description":"Age and name; of two listene\#
        rs equal in address, port and hostname the older serves.","$ref":"#/$defs/order"}},"addi\#
        tionalProperties":false,"allOf":[{"if":{"required":["protocol"],"properties":{"protocol"\#
        :{"enum":["HTTPS","TLS"]}}},"then":{"required":["tls"]},"else":{"properties":{"tls":{"no\#
        t":{"title":"the protocol is neither HTTPS nor TLS"}}}}},{"if":{"required":["protocol"],\#
        "properties":{"protocol":{"const":"HTTPS"}}},"then":{"properties":{"tls":{"properties":{\#
        "mode":{"const":"Terminate"}}}}},"else":{"properties":{"detectMisdirected":{"not":{"titl\#
        e":"the protocol is not HTTPS"}}}}},{"if":{"required":["protocol"],"properties":{"protoc\#
        ol":{"enum":["TCP","UDP"]}}},"then":{"properties":{"hostname":{"not":{"title":"TCP and U\#
        DP carry no hostname"}},"isolation":{"not":{"title":"TCP and UDP carry no hostname"}}}}}\#
        ,{"if":{"required":["protocol"],"properties":{"protocol":{"const":"HTTP"}}},"else":{"pro\#
        perties":{"h2c":{"not":{"title":"the protocol is not HTTP"}}}}},{"if":{"required":["prot\#
        ocol"],"properties":{"protocol":{"const":"UDP"}}},"then":{"properties":{"proxyProtocol":\#
        {"not":{"title":"the protocol is UDP"}}}}}],"examples":[{"port":8080,"protocol":"HTTP"},\#
        {"port":443,"protocol":"HTTPS","hostname":"*.a.test","tls":{"certificates":["default/a-e\#
        cdsa","default/a-rsa"]}}],"$defs":{"tls":{"description":"How TLS is handled. Listeners o\#
        n one address and port are told apart by SNI; equal handshake settings (clientValidation\#
         above all) belong into each of them.","type":"object","properties":{"mode":{"descriptio\#
        n":"`Terminate`: the host decrypts. `Passthrough`: the host reads the SNI only and relay\#
        s the bytes; for protocol TLS alone. Both may stand on one port in different listeners (\#
        TLSRouteModeMixed).","enum":["Terminate","Passthrough"],"default":"Terminate"},"certific\#
        ates":{"description":"The `certificate` documents to present. For one name an RSA and an\#
         ECDSA certificate may stand side by side and the handshake chooses; the first is the fa\#
        llback when none covers the SNI.","type":"array","items":{"$ref":"#/$defs/certificateNam\#
        e"},"minItems":1,"maxItems":64},"minVersion":{"description":"The lowest TLS version acce\#
        pted. Default: 1.2.","$ref":"#/$defs/tlsVersion","default":"1.2"},"maxVersion":{"descrip\#
        tion":"The highest TLS version accepted. Default: 1.3.","$ref":"#/$defs/tlsVersion","def\#
        ault":"1.3"},"cipherSuites":{"$ref":"#/$defs/cipherSuites"},"groups":{"$ref":"#/$defs/gr\#
        oups"},"tickets":{"description":"Whether sessions resume with tickets. Keys rotate in th\#
        e host and may be shared between hosts by its own setting, never by a document.","type":\#
        "boolean","default":true},"alpn":{"description":"The application protocols offered, best\#
         first. Default for HTTPS: what the host speaks, `h2` before `http/1.1`; for TLS: none."\#
        ,"type":"array","items":{"title":"a protocol name without spaces","type":"string","minLe\#
        ngth":1,"maxLength":255,"pattern":"^[!-~]+$"},"minItems":1,"maxItems":16},"clientValidat\#
        ion":{"description":"Ask downstream for a certificate (GatewayFrontendClientCertificateV\#
        alidation). The Gateway API sets it for all ports or per port: a source resolves that an\#
        d writes the outcome into each listener.","type":"object","required":["trust"],"properti\#
        es":{"trust":{"description":"The `trust` documents that client certificates must chain t\#
        o, by name.","$ref":"#/$defs/trustNames"},"mode":{"description":"`AllowValidOnly`: witho\#
        ut a valid certificate the handshake fails. `AllowInsecureFallback`: any downstream pass\#
        es, with or without a certificate.","enum":["AllowValidOnly","AllowInsecureFallback"],"d\#
        efault":"AllowValidOnly"}},"additionalProperties":false}},"additionalProperties":false,"\#
        allOf":[{"if":{"required":["mode"],"properties":{"mode":{"const":"Passthrough"}}},"then"\#
        :{"properties":{"certificates":{"not":{"title":"a listener with mode Passthrough does no\#
        t decrypt"}},"clientValidation":{"not":{"title":"a listener with mode Passthrough does n\#
        ot decrypt"}},"alpn":{"not":{"title":"a listener with mode Passthrough does not decrypt"\#
        }}}},"else":{"required":["certificates"]}}]},"limits":{"description":"Limits of this lis\#
        tener that differ from the host's. Absent members keep the host's setting.","type":"obje\#
        ct","properties":{"connections":{"description":"Open connections at most, over all worke\#
        rs; one more is closed at once.","type":"integer","minimum":1,"maximum":10000000},"heade\#
        rBytes":{"description":"Bytes of a request's head at most; beyond: 431 (414 for the requ\#
        est line).","type":"integer","minimum":1024,"maximum":1048576},"bodyBytes":{"description\#
        ":"Bytes of a request's body at most; beyond: 413. 0: no limit.","type":"integer","minim\#
        um":0,"maximum":9007199254740991},"requestsPerConnection":{"description":"Requests on on\#
        e connection at most, after which it is closed in good order. 0: no limit.","type":"inte\#
        ger","minimum":0,"maximum":1000000000},"headerTimeout":{"description":"Time to receive a\#
         whole request head; beyond: 408. `0s`: none.","$ref":"#/$defs/duration"},"idleTimeout":\#
        {"description":"Time a connection may lie between two requests before it is closed. `0s`\#
        : none.","$ref":"#/$defs/duration"}},"additionalProperties":false},"network":{"title":"a\#
        n IPv4 or IPv6 address or network such as 10.0.0.0/8","description":"An IPv4 or IPv6 add\#
        ress or network in CIDR form.","type":"string","maxLength":49,"minLength":2,"pattern":"^\#
        ([0-9]{1,3}(\\.[0-9]{1,3}){3}(/[0-9]{1,2})?|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*(/[0-9]{1,3})?)$"\#
        },"hostPattern":{"title":"a DNS name in lower case, or *. and a DNS name","description":\#
        "A DNS name in lower case, or `*.` and a DNS name: the wildcard stands for one or more w\#
        hole labels and never for the bare domain (Gateway API Hostname).","type":"string","minL\#
        ength":1,"maxLength":253,"pattern":"^(\\*\\.)?[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\\.[a-z\#
        0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$","not":{"title":"expected a DNS name, not an IPv4 addr\#
        ess","pattern":"^[0-9]+(\\.[0-9]+){3}$"}},"trustNames":{"description":"The names of `tru\#
        st` documents of the same instance; a certificate that chains to any of them is trusted.\#
        ","type":"array","items":{"$ref":"#/$defs/name"},"minItems":1,"maxItems":16},"certificat\#
        eName":{"description":"The name of a `certificate` document of the same instance.","$ref\#
        ":"#/$defs/name"},"tlsVersion":{"description":"A TLS protocol version. Older versions th\#
        an 1.2 are not offered.","enum":["1.2","1.3"]},"cipherSuites":{"description":"The cipher\#
         suites that are allowed, best first, by OpenSSL or IANA name; suites of TLS 1.2 and 1.3\#
         in one list. Absent: the host's default list.","type":"array","items":{"title":"a name \#
        of letters, digits, - and _","type":"string","minLength":1,"maxLength":64,"pattern":"^[-\#
        A-Za-z0-9_]+$"},"minItems":1,"maxItems":64},"groups":{"description":"The key exchange gr\#
        oups that are allowed, best first, by name (`X25519`, `P-256`, `X25519MLKEM768`). Absent\#
        : the host's default list.","type":"array","items":{"title":"a name of letters, digits, \#
        - and _","type":"string","minLength":1,"maxLength":64,"pattern":"^[-A-Za-z0-9_]+$"},"min\#
        Items":1,"maxItems":16},"order":{"description":"The age and name that break ties between\#
         equal documents: the older wins, then the name that sorts first in bytes. Absent: young\#
        er than everything that has an order, then by document name.","type":"object","propertie\#
        s":{"created":{"title":"a time such as 2026-01-01T00:00:00Z","description":"When the obj\#
        ect was created, RFC 3339 with a time zone; for files the creationTimestamp they state, \#
        never the file's own time.","type":"string","pattern":"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]\#
        {2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?(Z|[-+][0-9]{2}:[0-9]{2})$","maxLength":40},"name":\#
        {"description":"The object's name for the tie-break, usually `namespace/name`. Default: \#
        the document's name.","$ref":"#/$defs/name"}},"additionalProperties":false},"duration":{\#
        "title":"a duration such as 10s, 500ms or 1h30m","description":"A Gateway API duration: \#
        one to four numbers, each of up to five digits and a unit of h, m, s or ms; `1h30m`, `10\#
        s`, `500ms`, `0s`.","type":"string","pattern":"^([0-9]{1,5}(h|m|s|ms)){1,4}$","maxLength\#
        ":28},"name":{"title":"a text without control characters","description":"The name of a d\#
        ocument: free text without control characters, unique within the plugin instance and the\#
         kind.","type":"string","minLength":1,"maxLength":1024,"pattern":"^[^\\x00-\\x1F\\x7F]*$\#
        "}}}
        """#
}
