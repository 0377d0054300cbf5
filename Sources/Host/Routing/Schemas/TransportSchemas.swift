/// `docs/schemas/listener.json`, written here by `make schemas`.
enum ListenerSchema {
    // swift-format-ignore
    static let text = #"""
        {"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"https://sluice.dev/sche\#
        mas/listener.json","title":"Listener","description":"A socket and what is spoken on it. \#
        Listeners are keyed by address and port: several documents may share a socket and are di\#
        stinguished by hostname (Host or SNI). Removing the last document of a socket drains it;\#
         no other change closes a connection.","type":"object","required":["port","protocol"],"p\#
        roperties":{"port":{"description":"The TCP or UDP port to bind.","type":"integer","minim\#
        um":1,"maximum":65535},"protocol":{"description":"HTTP: HTTP/1.1 and HTTP/2 in the clear\#
        . HTTPS: the same under TLS that ends here. TLS, TCP, UDP: bytes or datagrams for l4rout\#
        e documents. A TCP listener shares its port with no other kind.","enum":["HTTP","HTTPS",\#
        "TLS","TCP","UDP"]},"address":{"title":"an IPv4 or IPv6 address","description":"The IPv4\#
         or IPv6 address to bind, without brackets or zone. Absent: all addresses, dual-stack `:\#
        :`.","type":"string","minLength":2,"maxLength":45,"pattern":"^([0-9]{1,3}(\\.[0-9]{1,3})\#
        {3}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*)$"},"publicPort":{"description":"The port that the downs\#
        tream sees, where something in front maps it to `port`. `X-Forwarded-Port` and redirects\#
         without a port use it. Default: port.","type":"integer","minimum":1,"maximum":65535},"h\#
        ostname":{"description":"The hosts this listener is for: an exact name or a wildcard; a \#
        port in the request's Host is ignored. Absent: every host. For TLS and HTTPS it also sel\#
        ects by SNI.","$ref":"#/$defs/hostPattern"},"tls":{"description":"TLS settings; required\#
         for HTTPS and TLS, refused for the others.","$ref":"#/$defs/tls"},"isolation":{"descrip\#
        tion":"Whether only the routes of the most specific listener are considered (GatewayHTTP\#
        ListenerIsolation); a host without a match there is answered 404. false: less specific l\#
        isteners of the same socket are asked next.","type":"boolean","default":true},"detectMis\#
        directed":{"description":"HTTPS: whether a request whose host belongs to another listene\#
        r than the connection's SNI is answered 421 (GatewayHTTPSListenerDetectMisdirectedReques\#
        ts).","type":"boolean","default":true},"h2c":{"description":"HTTP: whether HTTP/2 with p\#
        rior knowledge is spoken in the clear (RFC 9113 section 3.3).","type":"boolean","default\#
        ":true},"mergeSlashes":{"description":"HTTP and HTTPS: whether `//` in a path is read as\#
         `/`. false keeps them, for keys with `//` and for signed URLs; routes then see them, to\#
        o.","type":"boolean","default":true},"escapedSlashes":{"description":"HTTP and HTTPS: wh\#
        at is done with `%2F` and `%5C` in a path. keep: they stay as they are, and are no separ\#
        ators. reject: the request is answered 400.","enum":["keep","reject"],"default":"keep"},\#
        "halfClosed":{"description":"HTTP and HTTPS: how long a client that has sent its whole r\#
        equest and shut its sending side keeps its exchange without progress of the reply. `0s`:\#
         the exchange ends at once. `never`: no limit. Default: the host's setting, 10s.","$ref"\#
        :"#/$defs/durationOrNever"},"restartTrace":{"description":"HTTP and HTTPS: whether `trac\#
        eparent` and `tracestate` (W3C Trace Context) of clients are dropped, so that no client \#
        chooses the trace that its request belongs to.","type":"boolean","default":false},"proxy\#
        Protocol":{"description":"Expect a PROXY protocol header before anything else on a conne\#
        ction and take the downstream's address from it. Absent: none is read, and one that come\#
        s is an error of the protocol above. Listeners of one address and port have the same.","\#
        type":"object","properties":{"versions":{"description":"The versions understood.","type"\#
        :"array","items":{"enum":[1,2]},"minItems":1,"maxItems":2,"default":[1,2]},"required":{"\#
        description":"Whether a connection without the header is closed. false: it is served und\#
        er its own address.","type":"boolean","default":true},"trusted":{"description":"The peer\#
        s whose header is believed; others are treated as without one. Absent: every peer, so th\#
        at only a private network may reach the port.","type":"array","items":{"$ref":"#/$defs/n\#
        etwork"},"minItems":1,"maxItems":256}},"additionalProperties":false},"limits":{"descript\#
        ion":"Limits of this listener; absent members keep the host's setting.","$ref":"#/$defs/\#
        limits"},"order":{"description":"Age and name; of two listeners equal in address, port a\#
        nd hostname the older serves.","$ref":"#/$defs/order"}},"additionalProperties":false,"al\#
        lOf":[{"if":{"required":["protocol"],"properties":{"protocol":{"enum":["HTTPS","TLS"]}}}\#
        ,"then":{"required":["tls"]},"else":{"properties":{"tls":{"not":{"title":"the protocol i\#
        s neither HTTPS nor TLS"}}}}},{"if":{"required":["protocol"],"properties":{"protocol":{"\#
        const":"HTTPS"}}},"then":{"properties":{"tls":{"properties":{"mode":{"const":"Terminate"\#
        }}}}},"else":{"properties":{"detectMisdirected":{"not":{"title":"the protocol is not HTT\#
        PS"}}}}},{"if":{"required":["protocol"],"properties":{"protocol":{"enum":["TCP","UDP"]}}\#
        },"then":{"properties":{"hostname":{"not":{"title":"TCP and UDP carry no hostname"}},"is\#
        olation":{"not":{"title":"TCP and UDP carry no hostname"}}}}},{"if":{"required":["protoc\#
        ol"],"properties":{"protocol":{"const":"HTTP"}}},"else":{"properties":{"h2c":{"not":{"ti\#
        tle":"the protocol is not HTTP"}}}}},{"if":{"required":["protocol"],"properties":{"proto\#
        col":{"enum":["HTTP","HTTPS"]}}},"else":{"properties":{"mergeSlashes":{"not":{"title":"t\#
        he protocol is neither HTTP nor HTTPS"}},"escapedSlashes":{"not":{"title":"the protocol \#
        is neither HTTP nor HTTPS"}},"halfClosed":{"not":{"title":"the protocol is neither HTTP \#
        nor HTTPS"}},"restartTrace":{"not":{"title":"the protocol is neither HTTP nor HTTPS"}}}}\#
        },{"if":{"required":["protocol"],"properties":{"protocol":{"const":"UDP"}}},"then":{"pro\#
        perties":{"proxyProtocol":{"not":{"title":"the protocol is UDP"}}}}}],"examples":[{"port\#
        ":8080,"protocol":"HTTP"},{"port":443,"protocol":"HTTPS","hostname":"*.a.test","tls":{"c\#
        ertificates":["default/a-ecdsa","default/a-rsa"]}}],"$defs":{"tls":{"description":"How T\#
        LS is handled. Listeners on one address and port are distinguished by SNI; equal handsha\#
        ke settings (clientValidation above all) belong into each of them.","type":"object","pro\#
        perties":{"mode":{"description":"`Terminate`: the host decrypts. `Passthrough`: the host\#
         reads the SNI only and relays the bytes; for protocol TLS alone. Both may stand on one \#
        port in different listeners (TLSRouteModeMixed).","enum":["Terminate","Passthrough"],"de\#
        fault":"Terminate"},"certificates":{"description":"The `certificate` documents to presen\#
        t. For one name an RSA and an ECDSA certificate may stand side by side and the handshake\#
         chooses. Exact names come before wildcards, which cover one label, and of equals the fi\#
        rst. When none covers the SNI, or none is sent, the first is presented. One that cannot \#
        be used is left out; the listener serves with the others.","type":"array","items":{"$ref\#
        ":"#/$defs/certificateName"},"minItems":1,"maxItems":64},"minVersion":{"description":"Th\#
        e lowest TLS version accepted. Default: 1.2.","$ref":"#/$defs/tlsVersion","default":"1.2\#
        "},"maxVersion":{"description":"The highest TLS version accepted. Default: 1.3.","$ref":\#
        "#/$defs/tlsVersion","default":"1.3"},"cipherSuites":{"$ref":"#/$defs/cipherSuites"},"gr\#
        oups":{"$ref":"#/$defs/groups"},"tickets":{"description":"Whether sessions resume with t\#
        ickets. Keys rotate in the host and may be shared between hosts by its own setting, neve\#
        r by a document.","type":"boolean","default":true},"alpn":{"description":"The applicatio\#
        n protocols offered, best first. Default for HTTPS: what the host speaks, `http/1.1`; fo\#
        r TLS: none. `h2` beside `http/1.1` is left out until the host speaks it; without `http/\#
        1.1` the listener is.","type":"array","items":{"title":"a protocol name without spaces",\#
        "type":"string","minLength":1,"maxLength":255,"pattern":"^[!-~]+$"},"minItems":1,"maxIte\#
        ms":16},"clientValidation":{"description":"Ask downstream for a certificate (GatewayFron\#
        tendClientCertificateValidation). The Gateway API sets it for all ports or per port: a s\#
        ource resolves that and writes the outcome into each listener.","type":"object","require\#
        d":["trust"],"properties":{"trust":{"description":"The `trust` documents that client cer\#
        tificates must chain to, by name.","$ref":"#/$defs/trustNames"},"mode":{"description":"`\#
        AllowValidOnly`: without a valid certificate the handshake fails. `AllowMissing`: withou\#
        t a certificate it goes on, with one that is not valid it fails. `AllowInsecureFallback`\#
        : any downstream passes, with or without a certificate.","enum":["AllowValidOnly","Allow\#
        Missing","AllowInsecureFallback"],"default":"AllowValidOnly"},"forward":{"description":"\#
        Whether the identity of a client whose certificate is valid is sent to origins.","type":\#
        "boolean","default":false}},"additionalProperties":false}},"additionalProperties":false,\#
        "allOf":[{"if":{"required":["mode"],"properties":{"mode":{"const":"Passthrough"}}},"then\#
        ":{"properties":{"certificates":{"not":{"title":"a listener with mode Passthrough does n\#
        ot decrypt"}},"clientValidation":{"not":{"title":"a listener with mode Passthrough does \#
        not decrypt"}},"alpn":{"not":{"title":"a listener with mode Passthrough does not decrypt\#
        "}}}},"else":{"required":["certificates"]}}]},"limits":{"description":"Limits of this li\#
        stener that differ from the host's. Absent members keep the host's setting.","type":"obj\#
        ect","properties":{"connections":{"description":"Open connections at most, over all work\#
        ers; one more is closed at once.","type":"integer","minimum":1,"maximum":10000000},"head\#
        erBytes":{"description":"Bytes of a request's head at most; beyond: 431 (414 for the req\#
        uest line).","type":"integer","minimum":1024,"maximum":1048576},"bodyBytes":{"descriptio\#
        n":"Bytes of a request's body at most; beyond: 413. 0: no limit.","type":"integer","mini\#
        mum":0,"maximum":9007199254740991},"requestsPerConnection":{"description":"Requests on o\#
        ne connection at most, after which it is closed in good order. 0: no limit.","type":"int\#
        eger","minimum":0,"maximum":1000000000},"headerTimeout":{"description":"Time to receive \#
        a whole request head; beyond: 408. `0s`: none.","$ref":"#/$defs/duration"},"idleTimeout"\#
        :{"description":"Time a connection may lie between two requests before it is closed. `0s\#
        `: none.","$ref":"#/$defs/duration"}},"additionalProperties":false},"network":{"title":"\#
        an IPv4 or IPv6 address or network such as 10.0.0.0/8","description":"An IPv4 or IPv6 ad\#
        dress or network in CIDR form.","type":"string","maxLength":49,"minLength":2,"pattern":"\#
        ^([0-9]{1,3}(\\.[0-9]{1,3}){3}(/[0-9]{1,2})?|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*(/[0-9]{1,3})?)$\#
        "},"hostPattern":{"title":"a DNS name in lower case, or *. and a DNS name","description"\#
        :"A DNS name in lower case, or `*.` and a DNS name: the wildcard stands for one or more \#
        whole labels and never for the bare domain (Gateway API Hostname).","type":"string","min\#
        Length":1,"maxLength":253,"pattern":"^(\\*\\.)?[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\\.[a-\#
        z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$","not":{"title":"expected a DNS name, not an IPv4 add\#
        ress","pattern":"^[0-9]+(\\.[0-9]+){3}$"}},"trustNames":{"description":"The names of `tr\#
        ust` documents of the same instance; a certificate that chains to any of them is trusted\#
        .","type":"array","items":{"$ref":"#/$defs/name"},"minItems":1,"maxItems":16},"certifica\#
        teName":{"description":"The name of a `certificate` document of the same instance, or `(\#
        host)/` and the name of one of the host itself, such as `(host)/self-signed`.","$ref":"#\#
        /$defs/name"},"tlsVersion":{"description":"A TLS protocol version. Older versions than 1\#
        .2 are not offered.","enum":["1.2","1.3"]},"cipherSuites":{"description":"The cipher sui\#
        tes that are allowed, best first, by OpenSSL or IANA name; suites of TLS 1.2 and 1.3 in \#
        one list. Absent: the host's default list.","type":"array","items":{"title":"a name of l\#
        etters, digits, - and _","type":"string","minLength":1,"maxLength":64,"pattern":"^[-A-Za\#
        -z0-9_]+$"},"minItems":1,"maxItems":64},"groups":{"description":"The key exchange groups\#
         that are allowed, best first, by OpenSSL, IANA or NIST name (`X25519`, `P-256`, and wit\#
        h OpenSSL 3.5 `X25519MLKEM768`); the host reports one that its OpenSSL does not have. Ab\#
        sent: the host's default list.","type":"array","items":{"title":"a name of letters, digi\#
        ts, - and _","type":"string","minLength":1,"maxLength":64,"pattern":"^[-A-Za-z0-9_]+$"},\#
        "minItems":1,"maxItems":16},"order":{"description":"The age and name that break ties bet\#
        ween equal documents: the older wins, then the name that sorts first in bytes. Absent: y\#
        ounger than everything that has an order, then by document name.","type":"object","prope\#
        rties":{"created":{"title":"a time such as 2026-01-01T00:00:00Z","description":"When the\#
         object was created, RFC 3339 with a time zone; for files the creationTimestamp they sta\#
        te, never the file's own time.","type":"string","pattern":"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[\#
        0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?(Z|[-+][0-9]{2}:[0-9]{2})$","maxLength":40},"na\#
        me":{"description":"The object's name for the tie-break, usually `namespace/name`. Defau\#
        lt: the document's name.","$ref":"#/$defs/name"}},"additionalProperties":false},"duratio\#
        n":{"title":"a duration such as 10s, 500ms or 1h30m","description":"A Gateway API durati\#
        on: one to four numbers, each of up to five digits and a unit of h, m, s or ms; `1h30m`,\#
         `10s`, `500ms`, `0s`.","type":"string","pattern":"^([0-9]{1,5}(h|m|s|ms)){1,4}$","maxLe\#
        ngth":28},"durationOrNever":{"title":"never, or a duration such as 10s, 500ms or 1h30m",\#
        "description":"A Gateway API duration, where `0s` is at once, or `never`.","type":"strin\#
        g","pattern":"^(never|([0-9]{1,5}(h|m|s|ms)){1,4})$","maxLength":28},"name":{"title":"a \#
        text without control characters","description":"The name of a document: free text withou\#
        t control characters, unique within the plugin instance and the kind.","type":"string","\#
        minLength":1,"maxLength":1024,"pattern":"^[^\\x00-\\x1F\\x7F]*$"}}}
        """#
}

/// `docs/schemas/certificate.json`, written here by `make schemas`.
enum CertificateSchema {
    // swift-format-ignore
    static let text = #"""
        {"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"https://sluice.dev/sche\#
        mas/certificate.json","title":"Certificate","description":"A certificate with its chain \#
        and private key, for listeners to present to downstream or for pools to present upstream\#
        . A new version takes effect for new handshakes; listeners and connections stay.","type"\#
        :"object","required":["chain","key"],"properties":{"chain":{"title":"PEM text with a CER\#
        TIFICATE block","description":"PEM: the leaf certificate first, then its intermediates, \#
        RSA (2048 bits or more) or ECDSA (P-256, P-384, P-521). Text outside the PEM blocks is i\#
        gnored. No message quotes it, as a private key may stand here by mistake.","type":"strin\#
        g","minLength":64,"maxLength":262144,"pattern":"-----BEGIN CERTIFICATE-----","writeOnly"\#
        :true},"key":{"title":"PEM text with a PRIVATE KEY block, not encrypted","description":"\#
        PEM: the leaf's private key, PKCS #8, PKCS #1 (RSA) or SEC 1 (EC), not encrypted. It mus\#
        t fit the leaf. Secret: the bytes are zeroed after parsing and no listing shows them.","\#
        type":"string","minLength":64,"maxLength":65536,"pattern":"-----BEGIN (RSA |EC )?PRIVATE\#
         KEY-----","writeOnly":true},"ocsp":{"title":"base64 with padding","description":"Base64\#
         of the DER form of an OCSP response for the leaf (RFC 6960), sent to clients that reque\#
        st one (RFC 6066 section 8). Absent: none is sent. Nobody fetches it: whoever publishes \#
        the certificate renews it. One that cannot be used, or is out of date, is not sent and r\#
        eported as a warning.","type":"string","maxLength":87384}},"additionalProperties":false,\#
        "examples":[{"chain":"-----BEGIN CERTIFICATE-----\nMIIBlDCCATqgAwIBAgIUU7r9KnHAyKZQLQwjb\#
        ICr2Nb5bAcwCgYIKoZIzj0EAwIw\nETEPMA0GA1UEAwwGYS50ZXN0MB4XDTI2MTEyMTExMDUyNFoXDTQ2MTExNjE\#
        xMDUy\nNFowETEPMA0GA1UEAwwGYS50ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\nNP81o/Z3KMnfsns\#
        aL6dwITplwa9fbkXogNWMQ7i4Edql2RbJdYduEEuQniSPGe5F\nrAsG+WjoRzmcHf9G6kJWJKNwMG4wHQYDVR0OB\#
        BYEFBfCFGPPiJ3lp7dHhqQQPueh\nf47LMB8GA1UdIwQYMBaAFBfCFGPPiJ3lp7dHhqQQPuehf47LMA8GA1UdEwE\#
        B/wQF\nMAMBAf8wGwYDVR0RBBQwEoIGYS50ZXN0gggqLmEudGVzdDAKBggqhkjOPQQDAgNI\nADBFAiEAtj0ZoYj\#
        7hd9qK84gU93JDcPX3nnMBxdfpwbGiT0mf3wCIAM95TmSwU/n\nakp5pYpX6kSY7zn03G/IozZ2hxlh+EyS\n---\#
        --END CERTIFICATE-----\n","key":"-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCC\#
        qGSM49AwEHBG0wawIBAQQgDowXifYigX1wri1Z\nsrpwrxO1Pf0HqyeGZCV21Zh1SlmhRANCAAQ0/zWj9ncoyd+y\#
        exovp3AhOmXBr19u\nReiA1YxDuLgR2qXZFsl1h24QS5CeJI8Z7kWsCwb5aOhHOZwd/0bqQlYk\n-----END PRI\#
        VATE KEY-----\n"}]}
        """#
}

/// `docs/schemas/trust.json`, written here by `make schemas`.
enum TrustSchema {
    // swift-format-ignore
    static let text = #"""
        {"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"https://sluice.dev/sche\#
        mas/trust.json","title":"Trust","description":"A set of certificate authorities: what cl\#
        ient certificates (listener) or upstream certificates (pool) must chain to.","type":"obj\#
        ect","properties":{"certificates":{"description":"PEM texts, each with one or more CA ce\#
        rtificates.","type":"array","items":{"title":"PEM text with a CERTIFICATE block","descri\#
        ption":"One PEM text with one or more CA certificates.","type":"string","minLength":64,"\#
        maxLength":262144,"pattern":"-----BEGIN CERTIFICATE-----"},"minItems":1,"maxItems":64},"\#
        system":{"description":"Whether the CA certificates of the operating system are trusted \#
        too (BackendTLSPolicy wellKnownCACertificates: System).","type":"boolean","default":fals\#
        e}},"additionalProperties":false,"anyOf":[{"required":["certificates"]},{"required":["sy\#
        stem"],"properties":{"system":{"const":true}}}],"examples":[{"system":true}]}
        """#
}

/// `docs/schemas/pool.json`, written here by `make schemas`.
enum PoolSchema {
    // swift-format-ignore
    static let text = #"""
        {"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"https://sluice.dev/sche\#
        mas/pool.json","title":"Pool","description":"Endpoints that serve the same thing, and ho\#
        w the host speaks to them. Its name is its identity (`namespace/name/port` and a hash of\#
         its TLS settings), never a rule's index, so that connections and health survive edits o\#
        f routes. A pool without an endpoint that may be used is answered 503.","type":"object",\#
        "required":["endpoints"],"properties":{"endpoints":{"description":"The endpoints; the or\#
        der has no meaning. Empty: every request is answered 503.","type":"array","items":{"$ref\#
        ":"#/$defs/endpoint"},"minItems":0,"maxItems":10000},"protocol":{"description":"http1: H\#
        TTP/1.1, upgrades included. ws: the same, for ports that announce WebSocket. h2c: HTTP/2\#
         in the clear with prior knowledge, or under TLS where tls is set. h2: HTTP/2 under TLS,\#
         needs tls. grpc: HTTP/2, in the clear or under TLS, with gRPC health and statuses. For \#
        an l4route it has no meaning.","enum":["http1","h2c","h2","ws","grpc"],"default":"http1"\#
        },"tls":{"description":"Speak TLS to the endpoints. Absent: in the clear.","$ref":"#/$de\#
        fs/tls"},"balancing":{"description":"How an endpoint is chosen. Absent: all defaults.","\#
        $ref":"#/$defs/balancing"},"health":{"description":"Active checks. Absent: none.","$ref"\#
        :"#/$defs/health"},"outlier":{"description":"Passive checks. Absent: none.","$ref":"#/$d\#
        efs/outlier"},"limits":{"description":"Bounds on connections and requests. Absent: none.\#
        ","$ref":"#/$defs/limits"},"connectTimeout":{"description":"The time to connect, TLS inc\#
        luded; beyond: another endpoint, or 504. `0s`: none. Default: the host's setting, 5s.","\#
        $ref":"#/$defs/duration","default":"5s"},"idleTimeout":{"description":"How long an unuse\#
        d connection is kept. `0s`: without a limit. Default: the host's setting, 60s.","$ref":"\#
        #/$defs/duration","default":"60s"},"proxyProtocol":{"description":"Send a PROXY protocol\#
         header with the downstream's address first on each connection. Absent: none. A connecti\#
        on then serves the requests of one downstream connection alone.","type":"object","requir\#
        ed":["version"],"properties":{"version":{"description":"1: one line of text. 2: binary."\#
        ,"enum":[1,2]}},"additionalProperties":false},"retryBudget":{"description":"What retries\#
         may cost. Absent: 20 percent, at least 10 a second.","$ref":"#/$defs/retryBudget"},"ses\#
        sion":{"description":"Session persistence for every rule that leads here and has none of\#
         its own.","$ref":"#/$defs/session"}},"additionalProperties":false,"allOf":[{"if":{"requ\#
        ired":["protocol"],"properties":{"protocol":{"const":"h2"}}},"then":{"required":["tls"]}\#
        }],"examples":[{"endpoints":[{"address":"127.0.0.1","port":8081},{"address":"::1","port"\#
        :8081,"weight":2}]},{"endpoints":[{"host":"api.a.test","port":443}],"tls":{"sni":"api.a.\#
        test","trust":["system"]}}],"$defs":{"endpoint":{"description":"One place where the pool\#
         is served.","type":"object","properties":{"address":{"title":"an IPv4 or IPv6 address, \#
        or unix: and an absolute path","description":"An IPv4 or IPv6 address without brackets o\#
        r zone, or `unix:` and the absolute path of a stream socket.","type":"string","minLength\#
        ":2,"maxLength":112,"pattern":"^([0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]\#
        *|unix:/[^\\x00-\\x1F]+)$"},"host":{"description":"A DNS name that the host resolves and\#
         resolves again when its time to live has passed; every address found is an endpoint.","\#
        $ref":"#/$defs/hostname"},"port":{"description":"The port; required but for a unix socke\#
        t. For Kubernetes it is the EndpointSlice's, not the Service's.","type":"integer","minim\#
        um":1,"maximum":65535},"weight":{"description":"The endpoint's share within the pool, re\#
        lative to the sum of all weights. 0: none.","type":"integer","minimum":0,"maximum":10000\#
        00,"default":1},"ready":{"description":"Whether the endpoint takes new requests (Endpoin\#
        tSlice condition).","type":"boolean","default":true},"serving":{"description":"Whether i\#
        t still answers, ready or terminating (EndpointSlice condition). Endpoints that serve wh\#
        ile terminating are used when no endpoint is ready. Default: as ready.","type":"boolean"\#
        },"terminating":{"description":"Whether it is going away (EndpointSlice condition): it t\#
        akes no new sessions, and those it has may end.","type":"boolean","default":false},"zone\#
        ":{"description":"The zone the endpoint is in, for preferSameZone.","type":"string","min\#
        Length":1,"maxLength":253}},"additionalProperties":false,"oneOf":[{"required":["address"\#
        ]},{"required":["host"]}],"allOf":[{"if":{"required":["address"],"properties":{"address"\#
        :{"pattern":"^unix:"}}},"then":{"properties":{"port":{"not":{"title":"the address is a u\#
        nix socket"}}}},"else":{"required":["port"]}}]},"tls":{"description":"Speak TLS to the e\#
        ndpoints and check what they present (BackendTLSPolicy). There is no way to switch the c\#
        heck off. A policy whose CAs are all invalid is not a pool without tls: the source write\#
        s status backends instead.","type":"object","required":["sni","trust"],"properties":{"sn\#
        i":{"description":"The name sent as SNI and, without subjectAltNames, the name the certi\#
        ficate must cover.","$ref":"#/$defs/hostname"},"trust":{"description":"The `trust` docum\#
        ents that endpoint certificates must chain to, by name.","$ref":"#/$defs/trustNames"},"s\#
        ubjectAltNames":{"description":"The certificate must carry at least one of these; then s\#
        ni is only sent and not compared (BackendTLSPolicySANValidation).","type":"array","items\#
        ":{"description":"One accepted subject alternative name: exactly one of hostname and uri\#
        .","type":"object","properties":{"hostname":{"description":"A DNS name, or a wildcard as\#
         the certificate carries it.","$ref":"#/$defs/hostPattern"},"uri":{"title":"a URI with a\#
         scheme and ://","description":"A URI with scheme and authority, compared byte for byte,\#
         such as `spiffe://a.test/web`.","type":"string","minLength":4,"maxLength":2048,"pattern\#
        ":"^[A-Za-z][-A-Za-z0-9+.]*://[^ ]+$"}},"additionalProperties":false,"minProperties":1,"\#
        maxProperties":1},"minItems":1,"maxItems":16},"clientCertificate":{"description":"The `c\#
        ertificate` document presented when an endpoint requests one (GatewayBackendClientCertif\#
        icate). Absent: none.","$ref":"#/$defs/certificateName"},"minVersion":{"description":"Th\#
        e lowest TLS version offered. Default: 1.2.","$ref":"#/$defs/tlsVersion","default":"1.2"\#
        },"maxVersion":{"description":"The highest TLS version offered. Default: 1.3.","$ref":"#\#
        /$defs/tlsVersion","default":"1.3"},"cipherSuites":{"$ref":"#/$defs/cipherSuites"},"grou\#
        ps":{"$ref":"#/$defs/groups"}},"additionalProperties":false},"balancing":{"description":\#
        "How an endpoint is chosen among those that may be used, weights included.","type":"obje\#
        ct","properties":{"policy":{"description":"`LeastRequests`: of two drawn at random the o\#
        ne with fewer requests in flight. `RoundRobin`: in turn. `Random`: drawn. `Hash`: the sa\#
        me key goes to the same endpoint, with little movement when endpoints change.","enum":["\#
        LeastRequests","RoundRobin","Random","Hash"],"default":"LeastRequests"},"hash":{"descrip\#
        tion":"What the key of policy Hash is; exactly one member. A request without it is balan\#
        ced at random.","type":"object","properties":{"header":{"description":"The value of the \#
        request header of this name.","$ref":"#/$defs/token"},"cookie":{"description":"The value\#
         of the cookie of this name.","$ref":"#/$defs/token"},"query":{"description":"The value \#
        of the query parameter of this name.","type":"string","minLength":1,"maxLength":256},"so\#
        urce":{"description":"The downstream's address.","const":true}},"additionalProperties":f\#
        alse,"minProperties":1,"maxProperties":1},"preferSameZone":{"description":"Whether endpo\#
        ints in the host's own zone are used alone while one of them may be used.","type":"boole\#
        an","default":false},"slowStart":{"description":"The time over which a new endpoint's sh\#
        are grows to its weight. Default: 0s, at once.","$ref":"#/$defs/duration","default":"0s"\#
        },"panicPercent":{"description":"When more than this percentage of the endpoints is unhe\#
        althy, health is ignored. 100: never.","type":"integer","minimum":0,"maximum":100,"defau\#
        lt":50}},"additionalProperties":false,"allOf":[{"if":{"required":["policy"],"properties"\#
        :{"policy":{"const":"Hash"}}},"then":{"required":["hash"]},"else":{"properties":{"hash":\#
        {"not":{"title":"the policy is not Hash"}}}}}]},"health":{"description":"Active checks: \#
        the host asks every endpoint, once per process, and leaves out those that fail.","type":\#
        "object","properties":{"protocol":{"description":"What is asked: a GET of path, the gRPC\#
         health service, or that a connection is accepted. The pool's tls applies.","enum":["HTT\#
        P","GRPC","TCP"],"default":"HTTP"},"path":{"description":"HTTP: the path asked for. Defa\#
        ult: `/`.","$ref":"#/$defs/literalPath","default":"/"},"host":{"description":"HTTP: the \#
        Host sent. Default: the endpoint's address.","$ref":"#/$defs/hostname"},"service":{"desc\#
        ription":"GRPC: the service asked for. Default: the empty name, the whole server.","type\#
        ":"string","maxLength":256,"default":""},"statuses":{"description":"HTTP: the statuses t\#
        hat count as healthy. Absent: 200 to 299.","type":"array","items":{"type":"integer","min\#
        imum":200,"maximum":599},"minItems":1,"maxItems":64},"port":{"description":"The port ask\#
        ed. Default: the endpoint's.","type":"integer","minimum":1,"maximum":65535},"interval":{\#
        "description":"The time between two checks of an endpoint, with jitter. Default: 10s.","\#
        $ref":"#/$defs/duration","default":"10s"},"timeout":{"description":"The time one check m\#
        ay take. Default: 1s.","$ref":"#/$defs/duration","default":"1s"},"healthyAfter":{"descri\#
        ption":"Successes in a row until an unhealthy endpoint is used again.","type":"integer",\#
        "minimum":1,"maximum":100,"default":2},"unhealthyAfter":{"description":"Failures in a ro\#
        w until an endpoint is left out.","type":"integer","minimum":1,"maximum":100,"default":3\#
        }},"additionalProperties":false,"allOf":[{"if":{"required":["protocol"],"properties":{"p\#
        rotocol":{"enum":["GRPC","TCP"]}}},"then":{"properties":{"path":{"not":{"title":"the pro\#
        tocol is not HTTP"}},"host":{"not":{"title":"the protocol is not HTTP"}},"statuses":{"no\#
        t":{"title":"the protocol is not HTTP"}}}}},{"if":{"required":["protocol"],"properties":\#
        {"protocol":{"const":"GRPC"}}},"else":{"properties":{"service":{"not":{"title":"the prot\#
        ocol is not GRPC"}}}}}]},"outlier":{"description":"Passive checks: leave an endpoint out\#
         for a time when requests to it fail.","type":"object","properties":{"failures":{"descri\#
        ption":"Failures in a row (no connection, a reset, a timeout, a 5xx) until the endpoint \#
        is ejected.","type":"integer","minimum":1,"maximum":1000,"default":5},"gatewayErrorsOnly\#
        ":{"description":"Whether of the statuses only 502, 503 and 504 count as failures.","typ\#
        e":"boolean","default":false},"ejection":{"description":"The first ejection's length; ea\#
        ch further one adds as much. Default: 30s.","$ref":"#/$defs/duration","default":"30s"},"\#
        maxEjection":{"description":"The longest ejection. Default: 5m.","$ref":"#/$defs/duratio\#
        n","default":"5m"},"maxEjectedPercent":{"description":"The percentage of the pool's endp\#
        oints that may be ejected at one time.","type":"integer","minimum":0,"maximum":100,"defa\#
        ult":50}},"additionalProperties":false},"limits":{"description":"Bounds, counted over al\#
        l workers. Absent: no limit of that kind; there is no hidden one.","type":"object","prop\#
        erties":{"connections":{"description":"Connections to one endpoint at most.","type":"int\#
        eger","minimum":1,"maximum":1000000},"requests":{"description":"Requests in flight to on\#
        e endpoint at most; beyond them it is passed over.","type":"integer","minimum":1,"maximu\#
        m":1000000},"pending":{"description":"Requests that may wait for an endpoint of the pool\#
        ; one more is answered 503.","type":"integer","minimum":0,"maximum":1000000},"requestsPe\#
        rConnection":{"description":"Requests on one connection at most, after which it is close\#
        d in good order.","type":"integer","minimum":1,"maximum":1000000000}},"additionalPropert\#
        ies":false},"retryBudget":{"description":"What retries may cost over all requests to thi\#
        s pool (GEP-3388). When it is used up, the first answer goes downstream, or 503 where th\#
        ere was none.","type":"object","properties":{"percent":{"description":"Retries at most, \#
        in percent of the requests in flight within the interval.","type":"integer","minimum":0,\#
        "maximum":100,"default":20},"interval":{"description":"The time over which requests are \#
        counted, 1s to 1h. Default: 10s.","$ref":"#/$defs/duration","default":"10s"},"minimum":{\#
        "description":"Retries that are always allowed, however few requests there are.","type":\#
        "object","properties":{"count":{"description":"How many retries are allowed in each inte\#
        rval.","type":"integer","minimum":0,"maximum":1000000,"default":10},"interval":{"descrip\#
        tion":"The time in which count retries are allowed, 1s to 1h. Default: 1s.","$ref":"#/$d\#
        efs/duration","default":"1s"}},"additionalProperties":false}},"additionalProperties":fal\#
        se},"session":{"description":"Session persistence: requests of one session go to one end\#
        point while it is ready (GEP-1619). An empty object means none. A rule's setting wins ov\#
        er its pool's.","type":"object","properties":{"cookie":{"description":"Keep the session \#
        in a cookie that the host sets and reads.","type":"object","properties":{"name":{"descri\#
        ption":"The cookie's name. Default: a stable name derived from the route's rule or the p\#
        ool.","$ref":"#/$defs/token"},"path":{"title":"a path from /, without control characters\#
         and ;","description":"The cookie's Path attribute.","type":"string","default":"/","maxL\#
        ength":1024,"pattern":"^/[^\\x00-\\x1F\\x7F;]*$"},"lifetimeType":{"description":"`Sessio\#
        n`: the browser drops the cookie when it closes. `Permanent`: it keeps it for absoluteTi\#
        meout.","enum":["Session","Permanent"],"default":"Session"}},"additionalProperties":fals\#
        e},"header":{"description":"Keep the session in a header that the host sets in the respo\#
        nse and the downstream repeats.","type":"object","required":["name"],"properties":{"name\#
        ":{"description":"The header's name.","$ref":"#/$defs/token"}},"additionalProperties":fa\#
        lse},"absoluteTimeout":{"description":"How long a session lasts from its first request, \#
        used or not. Absent or `0s`: for ever.","$ref":"#/$defs/duration"}},"additionalPropertie\#
        s":false,"allOf":[{"not":{"title":"expected a cookie or a header, not both","required":[\#
        "cookie","header"]}},{"if":{"required":["absoluteTimeout"]},"then":{"anyOf":[{"required"\#
        :["cookie"]},{"required":["header"]}]}},{"if":{"required":["cookie"],"properties":{"cook\#
        ie":{"required":["lifetimeType"],"properties":{"lifetimeType":{"const":"Permanent"}}}}},\#
        "then":{"required":["absoluteTimeout"]}}]},"trustNames":{"description":"The names of `tr\#
        ust` documents of the same instance; a certificate that chains to any of them is trusted\#
        .","type":"array","items":{"$ref":"#/$defs/name"},"minItems":1,"maxItems":16},"certifica\#
        teName":{"description":"The name of a `certificate` document of the same instance, or `(\#
        host)/` and the name of one of the host itself, such as `(host)/self-signed`.","$ref":"#\#
        /$defs/name"},"tlsVersion":{"description":"A TLS protocol version. Older versions than 1\#
        .2 are not offered.","enum":["1.2","1.3"]},"cipherSuites":{"description":"The cipher sui\#
        tes that are allowed, best first, by OpenSSL or IANA name; suites of TLS 1.2 and 1.3 in \#
        one list. Absent: the host's default list.","type":"array","items":{"title":"a name of l\#
        etters, digits, - and _","type":"string","minLength":1,"maxLength":64,"pattern":"^[-A-Za\#
        -z0-9_]+$"},"minItems":1,"maxItems":64},"groups":{"description":"The key exchange groups\#
         that are allowed, best first, by OpenSSL, IANA or NIST name (`X25519`, `P-256`, and wit\#
        h OpenSSL 3.5 `X25519MLKEM768`); the host reports one that its OpenSSL does not have. Ab\#
        sent: the host's default list.","type":"array","items":{"title":"a name of letters, digi\#
        ts, - and _","type":"string","minLength":1,"maxLength":64,"pattern":"^[-A-Za-z0-9_]+$"},\#
        "minItems":1,"maxItems":16},"literalPath":{"title":"a path from /, percent-encoded, with\#
        out query and fragment","description":"An absolute path as it is matched: from `/`, perc\#
        ent-encoded, without query, fragment or dot segments.","type":"string","minLength":1,"ma\#
        xLength":1024,"pattern":"^/[-A-Za-z0-9/._~!$&'()*+,;=:@]*(%[0-9A-Fa-f]{2}[-A-Za-z0-9/._~\#
        !$&'()*+,;=:@]*)*$","not":{"title":"write the path that the dot segments lead to","patte\#
        rn":"/\\.\\.?(/|$)"}},"hostname":{"title":"a DNS name in lower case","description":"A DN\#
        S name in lower case without a trailing dot, labels of up to 63 characters; never an IP \#
        address (Gateway API Hostname).","type":"string","minLength":1,"maxLength":253,"pattern"\#
        :"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$","not":{"\#
        title":"expected a DNS name, not an IPv4 address","pattern":"^[0-9]+(\\.[0-9]+){3}$"}},"\#
        hostPattern":{"title":"a DNS name in lower case, or *. and a DNS name","description":"A \#
        DNS name in lower case, or `*.` and a DNS name: the wildcard stands for one or more whol\#
        e labels and never for the bare domain (Gateway API Hostname).","type":"string","minLeng\#
        th":1,"maxLength":253,"pattern":"^(\\*\\.)?[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\\.[a-z0-9\#
        ]([-a-z0-9]{0,61}[a-z0-9])?)*$","not":{"title":"expected a DNS name, not an IPv4 address\#
        ","pattern":"^[0-9]+(\\.[0-9]+){3}$"}},"token":{"title":"a name without spaces, separato\#
        rs and control characters","description":"An HTTP field name, cookie name or other RFC 9\#
        110 token; field names are compared without regard to case.","type":"string","minLength"\#
        :1,"maxLength":256,"pattern":"^[-!#$%&'*+.^_`|~0-9A-Za-z]+$"},"duration":{"title":"a dur\#
        ation such as 10s, 500ms or 1h30m","description":"A Gateway API duration: one to four nu\#
        mbers, each of up to five digits and a unit of h, m, s or ms; `1h30m`, `10s`, `500ms`, `\#
        0s`.","type":"string","pattern":"^([0-9]{1,5}(h|m|s|ms)){1,4}$","maxLength":28},"name":{\#
        "title":"a text without control characters","description":"The name of a document: free \#
        text without control characters, unique within the plugin instance and the kind.","type"\#
        :"string","minLength":1,"maxLength":1024,"pattern":"^[^\\x00-\\x1F\\x7F]*$"}}}
        """#
}

/// `docs/schemas/endpoints.json`, written here by `make schemas`.
enum EndpointsSchema {
    // swift-format-ignore
    static let text = #"""
        {"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"https://sluice.dev/sche\#
        mas/endpoints.json","title":"Endpoints","description":"A slice of the endpoints of a poo\#
        l, for sources that learn of them in parts: a change of one slice is a change of one doc\#
        ument. The pool has those of its own document and of all slices that name it. Its name i\#
        s that of the slice (`namespace/service/port/slice`).","type":"object","required":["pool\#
        ","endpoints"],"properties":{"pool":{"description":"The pool of the same instance that t\#
        he endpoints belong to. Where there is none, the slice is left out and reported (unknown\#
        -pool).","$ref":"#/$defs/name"},"endpoints":{"description":"The endpoints; the order has\#
         no meaning. An address and port that several documents of a pool name count once: as th\#
        e pool has them, else the first slice by name. May be empty.","type":"array","items":{"$\#
        ref":"#/$defs/endpoint"},"minItems":0,"maxItems":10000}},"additionalProperties":false,"e\#
        xamples":[{"pool":"default/svc/80","endpoints":[{"address":"10.0.0.4","port":3000},{"add\#
        ress":"10.0.0.5","port":3000,"ready":false}]}],"$defs":{"endpoint":{"description":"One p\#
        lace where the pool is served.","type":"object","properties":{"address":{"title":"an IPv\#
        4 or IPv6 address, or unix: and an absolute path","description":"An IPv4 or IPv6 address\#
         without brackets or zone, or `unix:` and the absolute path of a stream socket.","type":\#
        "string","minLength":2,"maxLength":112,"pattern":"^([0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9A-F\#
        a-f]*:[0-9A-Fa-f:.]*|unix:/[^\\x00-\\x1F]+)$"},"host":{"description":"A DNS name that th\#
        e host resolves and resolves again when its time to live has passed; every address found\#
         is an endpoint.","$ref":"#/$defs/hostname"},"port":{"description":"The port; required b\#
        ut for a unix socket. For Kubernetes it is the EndpointSlice's, not the Service's.","typ\#
        e":"integer","minimum":1,"maximum":65535},"weight":{"description":"The endpoint's share \#
        within the pool, relative to the sum of all weights. 0: none.","type":"integer","minimum\#
        ":0,"maximum":1000000,"default":1},"ready":{"description":"Whether the endpoint takes ne\#
        w requests (EndpointSlice condition).","type":"boolean","default":true},"serving":{"desc\#
        ription":"Whether it still answers, ready or terminating (EndpointSlice condition). Endp\#
        oints that serve while terminating are used when no endpoint is ready. Default: as ready\#
        .","type":"boolean"},"terminating":{"description":"Whether it is going away (EndpointSli\#
        ce condition): it takes no new sessions, and those it has may end.","type":"boolean","de\#
        fault":false},"zone":{"description":"The zone the endpoint is in, for preferSameZone.","\#
        type":"string","minLength":1,"maxLength":253}},"additionalProperties":false,"oneOf":[{"r\#
        equired":["address"]},{"required":["host"]}],"allOf":[{"if":{"required":["address"],"pro\#
        perties":{"address":{"pattern":"^unix:"}}},"then":{"properties":{"port":{"not":{"title":\#
        "the address is a unix socket"}}}},"else":{"required":["port"]}}]},"hostname":{"title":"\#
        a DNS name in lower case","description":"A DNS name in lower case without a trailing dot\#
        , labels of up to 63 characters; never an IP address (Gateway API Hostname).","type":"st\#
        ring","minLength":1,"maxLength":253,"pattern":"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\\.[a\#
        -z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$","not":{"title":"expected a DNS name, not an IPv4 ad\#
        dress","pattern":"^[0-9]+(\\.[0-9]+){3}$"}},"name":{"title":"a text without control char\#
        acters","description":"The name of a document: free text without control characters, uni\#
        que within the plugin instance and the kind.","type":"string","minLength":1,"maxLength":\#
        1024,"pattern":"^[^\\x00-\\x1F\\x7F]*$"}}}
        """#
}
