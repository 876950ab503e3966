// Generated from the .proto files by `npm run generate`.
export const descriptor: object = {
 "nested": {
  "keeper": {
   "nested": {
    "v1": {
     "nested": {
      "Sessions": {
       "methods": {
        "Attach": {
         "requestType": "ClientFrame",
         "requestStream": true,
         "responseType": "ServerFrame",
         "responseStream": true
        }
       }
      },
      "ClientFrame": {
       "oneofs": {
        "kind": {
         "oneof": [
          "hello",
          "subscribe",
          "acks",
          "heartbeat",
          "requests",
          "leave",
          "commandAcks",
          "telemetry",
          "discover"
         ]
        }
       },
       "fields": {
        "hello": {
         "type": "Hello",
         "id": 1
        },
        "subscribe": {
         "type": "Subscribe",
         "id": 2
        },
        "acks": {
         "type": "AckBatch",
         "id": 3
        },
        "heartbeat": {
         "type": "Heartbeat",
         "id": 4
        },
        "requests": {
         "type": "RequestBatch",
         "id": 5
        },
        "leave": {
         "type": "Leave",
         "id": 6
        },
        "commandAcks": {
         "type": "CommandAckBatch",
         "id": 7
        },
        "telemetry": {
         "type": "TelemetryBatch",
         "id": 8
        },
        "discover": {
         "type": "Discover",
         "id": 9
        }
       }
      },
      "ServerFrame": {
       "oneofs": {
        "kind": {
         "oneof": [
          "welcome",
          "push",
          "chunk",
          "replies",
          "heartbeat",
          "goodbye",
          "subscribed",
          "commands",
          "presence"
         ]
        }
       },
       "fields": {
        "welcome": {
         "type": "Welcome",
         "id": 1
        },
        "push": {
         "type": "Push",
         "id": 2
        },
        "chunk": {
         "type": "PushChunk",
         "id": 3
        },
        "replies": {
         "type": "ReplyBatch",
         "id": 4
        },
        "heartbeat": {
         "type": "HeartbeatReply",
         "id": 5
        },
        "goodbye": {
         "type": "Goodbye",
         "id": 6
        },
        "subscribed": {
         "type": "SubscribeResult",
         "id": 7
        },
        "commands": {
         "type": "CommandBatch",
         "id": 8
        },
        "presence": {
         "type": "Presence",
         "id": 9
        }
       }
      },
      "Hello": {
       "fields": {
        "protocol": {
         "type": "uint32",
         "id": 1
        },
        "features": {
         "type": "uint64",
         "id": 2
        },
        "sdk": {
         "type": "string",
         "id": 3
        },
        "identity": {
         "type": "ProcessIdentity",
         "id": 4
        },
        "sessionId": {
         "type": "fixed64",
         "id": 5
        },
        "sessionSecret": {
         "type": "bytes",
         "id": 6
        },
        "subscriptions": {
         "rule": "repeated",
         "type": "string",
         "id": 7
        },
        "held": {
         "rule": "repeated",
         "type": "HeldConfig",
         "id": 8
        },
        "clusterId": {
         "type": "string",
         "id": 9
        },
        "namespace": {
         "type": "string",
         "id": 10
        },
        "requestedTtlMs": {
         "type": "uint32",
         "id": 11
        },
        "attempt": {
         "type": "uint64",
         "id": 12
        }
       }
      },
      "ProcessIdentity": {
       "fields": {
        "cluster": {
         "type": "string",
         "id": 1
        },
        "role": {
         "type": "string",
         "id": 2
        },
        "instance": {
         "type": "string",
         "id": 3
        },
        "incarnation": {
         "type": "string",
         "id": 4
        },
        "labels": {
         "keyType": "string",
         "type": "string",
         "id": 5
        },
        "addresses": {
         "keyType": "string",
         "type": "string",
         "id": 6
        },
        "host": {
         "type": "string",
         "id": 7
        },
        "pid": {
         "type": "uint32",
         "id": 8
        }
       }
      },
      "HeldConfig": {
       "fields": {
        "name": {
         "type": "string",
         "id": 1
        },
        "storeEpoch": {
         "type": "uint64",
         "id": 2
        },
        "revision": {
         "type": "uint64",
         "id": 3
        },
        "hash": {
         "type": "string",
         "id": 4
        },
        "state": {
         "type": "AckState",
         "id": 5
        },
        "reason": {
         "type": "string",
         "id": 6
        },
        "atUnixMs": {
         "type": "uint64",
         "id": 7
        }
       }
      },
      "Welcome": {
       "fields": {
        "sessionId": {
         "type": "fixed64",
         "id": 1
        },
        "sessionSecret": {
         "type": "bytes",
         "id": 2
        },
        "attachment": {
         "type": "uint64",
         "id": 3
        },
        "features": {
         "type": "uint64",
         "id": 4
        },
        "clusterId": {
         "type": "string",
         "id": 5
        },
        "memberName": {
         "type": "string",
         "id": 6
        },
        "storeEpoch": {
         "type": "uint64",
         "id": 7
        },
        "revision": {
         "type": "uint64",
         "id": 8
        },
        "ttlMs": {
         "type": "uint32",
         "id": 9
        },
        "heartbeatIntervalMs": {
         "type": "uint32",
         "id": 10
        },
        "reconnectDelayMs": {
         "type": "uint32",
         "id": 11
        },
        "resumed": {
         "type": "bool",
         "id": 12
        },
        "refused": {
         "rule": "repeated",
         "type": "SubscribeFailure",
         "id": 13
        },
        "pending": {
         "type": "uint32",
         "id": 14
        },
        "endpoints": {
         "rule": "repeated",
         "type": "string",
         "id": 15
        },
        "current": {
         "rule": "repeated",
         "type": "string",
         "id": 16
        },
        "absent": {
         "rule": "repeated",
         "type": "string",
         "id": 17
        },
        "silenceMs": {
         "type": "uint32",
         "id": 18
        },
        "beaconMs": {
         "type": "uint32",
         "id": 19
        }
       }
      },
      "Subscribe": {
       "fields": {
        "id": {
         "type": "uint64",
         "id": 1
        },
        "names": {
         "rule": "repeated",
         "type": "string",
         "id": 2
        },
        "cancel": {
         "rule": "repeated",
         "type": "string",
         "id": 3
        },
        "held": {
         "rule": "repeated",
         "type": "HeldConfig",
         "id": 4
        }
       }
      },
      "SubscribeResult": {
       "fields": {
        "id": {
         "type": "uint64",
         "id": 1
        },
        "refused": {
         "rule": "repeated",
         "type": "SubscribeFailure",
         "id": 2
        },
        "absent": {
         "rule": "repeated",
         "type": "string",
         "id": 3
        },
        "current": {
         "rule": "repeated",
         "type": "string",
         "id": 4
        },
        "pending": {
         "type": "uint32",
         "id": 5
        }
       }
      },
      "SubscribeFailure": {
       "fields": {
        "name": {
         "type": "string",
         "id": 1
        },
        "status": {
         "type": "Status",
         "id": 2
        }
       }
      },
      "Push": {
       "fields": {
        "storeEpoch": {
         "type": "uint64",
         "id": 1
        },
        "revision": {
         "type": "uint64",
         "id": 2
        },
        "changes": {
         "rule": "repeated",
         "type": "ConfigChange",
         "id": 3
        }
       }
      },
      "ConfigChange": {
       "fields": {
        "name": {
         "type": "string",
         "id": 1
        },
        "revision": {
         "type": "uint64",
         "id": 2
        },
        "hash": {
         "type": "string",
         "id": 3
        },
        "value": {
         "type": "bytes",
         "id": 4
        },
        "removed": {
         "type": "bool",
         "id": 5
        },
        "committedUnixMs": {
         "type": "uint64",
         "id": 6
        },
        "secret": {
         "type": "bool",
         "id": 7
        },
        "baseHash": {
         "type": "string",
         "id": 8
        },
        "delta": {
         "type": "bytes",
         "id": 9
        },
        "check": {
         "type": "bytes",
         "id": 10
        }
       }
      },
      "PushChunk": {
       "fields": {
        "totalBytes": {
         "type": "uint64",
         "id": 1
        },
        "offset": {
         "type": "uint64",
         "id": 2
        },
        "bytes": {
         "type": "bytes",
         "id": 3
        }
       }
      },
      "AckState": {
       "values": {
        "ACK_STATE_UNSPECIFIED": 0,
        "ACK_STATE_RECEIVED": 1,
        "ACK_STATE_APPLIED": 2,
        "ACK_STATE_REJECTED": 3,
        "ACK_STATE_FAILED": 4
       }
      },
      "AckBatch": {
       "fields": {
        "acks": {
         "rule": "repeated",
         "type": "Ack",
         "id": 1
        }
       }
      },
      "Ack": {
       "fields": {
        "storeEpoch": {
         "type": "uint64",
         "id": 1
        },
        "revision": {
         "type": "uint64",
         "id": 2
        },
        "state": {
         "type": "AckState",
         "id": 3
        },
        "reason": {
         "type": "string",
         "id": 4
        },
        "atUnixMs": {
         "type": "uint64",
         "id": 5
        },
        "configs": {
         "rule": "repeated",
         "type": "HeldConfig",
         "id": 6
        }
       }
      },
      "Heartbeat": {
       "fields": {
        "sequence": {
         "type": "uint64",
         "id": 1
        },
        "eventLoopLagMs": {
         "type": "uint32",
         "id": 2
        }
       }
      },
      "HeartbeatReply": {
       "fields": {
        "sequence": {
         "type": "uint64",
         "id": 1
        },
        "ttlMs": {
         "type": "uint32",
         "id": 2
        },
        "heartbeatIntervalMs": {
         "type": "uint32",
         "id": 3
        },
        "reconnectDelayMs": {
         "type": "uint32",
         "id": 4
        },
        "leaderlessMs": {
         "type": "uint32",
         "id": 5
        },
        "beaconMs": {
         "type": "uint32",
         "id": 6
        }
       }
      },
      "Leave": {
       "fields": {
        "reason": {
         "type": "string",
         "id": 1
        }
       }
      },
      "Goodbye": {
       "fields": {
        "status": {
         "type": "Status",
         "id": 1
        },
        "reconnectAfterMs": {
         "type": "uint32",
         "id": 2
        },
        "endpoints": {
         "rule": "repeated",
         "type": "string",
         "id": 3
        }
       }
      },
      "Status": {
       "fields": {
        "code": {
         "type": "string",
         "id": 1
        },
        "message": {
         "type": "string",
         "id": 2
        },
        "detailsJson": {
         "type": "string",
         "id": 3
        }
       }
      },
      "RequestBatch": {
       "fields": {
        "requests": {
         "rule": "repeated",
         "type": "Request",
         "id": 1
        },
        "lowWater": {
         "type": "uint64",
         "id": 2
        }
       }
      },
      "Request": {
       "oneofs": {
        "body": {
         "oneof": [
          "txn",
          "range",
          "leaseGrant",
          "leaseRevoke",
          "leaseKeepAlive"
         ]
        }
       },
       "fields": {
        "sequence": {
         "type": "uint64",
         "id": 1
        },
        "traceparent": {
         "type": "string",
         "id": 2
        },
        "txn": {
         "type": "TxnRequest",
         "id": 3
        },
        "range": {
         "type": "RangeRequest",
         "id": 4
        },
        "leaseGrant": {
         "type": "LeaseGrantRequest",
         "id": 5
        },
        "leaseRevoke": {
         "type": "LeaseRevokeRequest",
         "id": 6
        },
        "leaseKeepAlive": {
         "type": "LeaseKeepAliveRequest",
         "id": 7
        }
       }
      },
      "ReplyBatch": {
       "fields": {
        "replies": {
         "rule": "repeated",
         "type": "Reply",
         "id": 1
        }
       }
      },
      "Reply": {
       "oneofs": {
        "body": {
         "oneof": [
          "txn",
          "range",
          "leaseGrant",
          "leaseRevoke",
          "leaseKeepAlive"
         ]
        }
       },
       "fields": {
        "sequence": {
         "type": "uint64",
         "id": 1
        },
        "error": {
         "type": "Status",
         "id": 2
        },
        "revision": {
         "type": "uint64",
         "id": 3
        },
        "txn": {
         "type": "TxnResponse",
         "id": 4
        },
        "range": {
         "type": "RangeResponse",
         "id": 5
        },
        "leaseGrant": {
         "type": "LeaseGrantResponse",
         "id": 6
        },
        "leaseRevoke": {
         "type": "LeaseRevokeResponse",
         "id": 7
        },
        "leaseKeepAlive": {
         "type": "LeaseKeepAliveResponse",
         "id": 8
        }
       }
      },
      "KeyValue": {
       "fields": {
        "key": {
         "type": "bytes",
         "id": 1
        },
        "createRevision": {
         "type": "uint64",
         "id": 2
        },
        "modRevision": {
         "type": "uint64",
         "id": 3
        },
        "version": {
         "type": "uint64",
         "id": 4
        },
        "value": {
         "type": "bytes",
         "id": 5
        },
        "lease": {
         "type": "sfixed64",
         "id": 6
        }
       }
      },
      "RangeRequest": {
       "fields": {
        "key": {
         "type": "bytes",
         "id": 1
        },
        "rangeEnd": {
         "type": "bytes",
         "id": 2
        },
        "limit": {
         "type": "uint32",
         "id": 3
        },
        "revision": {
         "type": "uint64",
         "id": 4
        },
        "keysOnly": {
         "type": "bool",
         "id": 5
        },
        "countOnly": {
         "type": "bool",
         "id": 6
        },
        "serializable": {
         "type": "bool",
         "id": 7
        }
       }
      },
      "RangeResponse": {
       "fields": {
        "kvs": {
         "rule": "repeated",
         "type": "KeyValue",
         "id": 1
        },
        "more": {
         "type": "bool",
         "id": 2
        },
        "count": {
         "type": "uint64",
         "id": 3
        },
        "revision": {
         "type": "uint64",
         "id": 4
        }
       }
      },
      "PutRequest": {
       "fields": {
        "key": {
         "type": "bytes",
         "id": 1
        },
        "value": {
         "type": "bytes",
         "id": 2
        },
        "lease": {
         "type": "sfixed64",
         "id": 3
        },
        "prevKv": {
         "type": "bool",
         "id": 4
        }
       }
      },
      "DeleteRequest": {
       "fields": {
        "key": {
         "type": "bytes",
         "id": 1
        },
        "rangeEnd": {
         "type": "bytes",
         "id": 2
        },
        "prevKv": {
         "type": "bool",
         "id": 3
        }
       }
      },
      "Compare": {
       "fields": {
        "key": {
         "type": "bytes",
         "id": 1
        },
        "target": {
         "type": "Target",
         "id": 2
        },
        "comparison": {
         "type": "Comparison",
         "id": 3
        },
        "number": {
         "type": "uint64",
         "id": 4
        },
        "value": {
         "type": "bytes",
         "id": 5
        },
        "lease": {
         "type": "sfixed64",
         "id": 6
        }
       },
       "nested": {
        "Comparison": {
         "values": {
          "EQUAL": 0,
          "GREATER": 1,
          "LESS": 2,
          "NOT_EQUAL": 3
         }
        },
        "Target": {
         "values": {
          "VERSION": 0,
          "CREATE": 1,
          "MOD": 2,
          "VALUE": 3,
          "LEASE": 4
         }
        }
       }
      },
      "Operation": {
       "oneofs": {
        "body": {
         "oneof": [
          "put",
          "delete",
          "range"
         ]
        }
       },
       "fields": {
        "put": {
         "type": "PutRequest",
         "id": 1
        },
        "delete": {
         "type": "DeleteRequest",
         "id": 2
        },
        "range": {
         "type": "RangeRequest",
         "id": 3
        }
       }
      },
      "TxnRequest": {
       "fields": {
        "compares": {
         "rule": "repeated",
         "type": "Compare",
         "id": 1
        },
        "success": {
         "rule": "repeated",
         "type": "Operation",
         "id": 2
        },
        "failure": {
         "rule": "repeated",
         "type": "Operation",
         "id": 3
        }
       }
      },
      "TxnResponse": {
       "fields": {
        "succeeded": {
         "type": "bool",
         "id": 1
        },
        "results": {
         "rule": "repeated",
         "type": "OperationResult",
         "id": 2
        }
       }
      },
      "OperationResult": {
       "oneofs": {
        "body": {
         "oneof": [
          "put",
          "delete",
          "range"
         ]
        }
       },
       "fields": {
        "put": {
         "type": "PutResult",
         "id": 1
        },
        "delete": {
         "type": "DeleteResult",
         "id": 2
        },
        "range": {
         "type": "RangeResponse",
         "id": 3
        }
       }
      },
      "PutResult": {
       "fields": {
        "prevKv": {
         "type": "KeyValue",
         "id": 1
        }
       }
      },
      "DeleteResult": {
       "fields": {
        "deleted": {
         "type": "uint64",
         "id": 1
        },
        "prevKvs": {
         "rule": "repeated",
         "type": "KeyValue",
         "id": 2
        }
       }
      },
      "LeaseGrantRequest": {
       "fields": {
        "id": {
         "type": "sfixed64",
         "id": 1
        },
        "ttlSeconds": {
         "type": "uint32",
         "id": 2
        }
       }
      },
      "LeaseGrantResponse": {
       "fields": {
        "id": {
         "type": "sfixed64",
         "id": 1
        },
        "ttlSeconds": {
         "type": "uint32",
         "id": 2
        }
       }
      },
      "LeaseRevokeRequest": {
       "fields": {
        "id": {
         "type": "sfixed64",
         "id": 1
        }
       }
      },
      "LeaseRevokeResponse": {
       "fields": {}
      },
      "LeaseKeepAliveRequest": {
       "fields": {
        "id": {
         "type": "sfixed64",
         "id": 1
        }
       }
      },
      "LeaseKeepAliveResponse": {
       "fields": {
        "id": {
         "type": "sfixed64",
         "id": 1
        },
        "ttlSeconds": {
         "type": "uint32",
         "id": 2
        }
       }
      },
      "CommandBatch": {
       "fields": {
        "commands": {
         "rule": "repeated",
         "type": "Command",
         "id": 1
        }
       }
      },
      "Command": {
       "fields": {
        "id": {
         "type": "string",
         "id": 1
        },
        "kind": {
         "type": "string",
         "id": 2
        },
        "payload": {
         "type": "bytes",
         "id": 3
        },
        "deadlineUnixMs": {
         "type": "uint64",
         "id": 4
        }
       }
      },
      "CommandAckBatch": {
       "fields": {
        "acks": {
         "rule": "repeated",
         "type": "CommandAck",
         "id": 1
        }
       }
      },
      "CommandAck": {
       "fields": {
        "id": {
         "type": "string",
         "id": 1
        },
        "state": {
         "type": "AckState",
         "id": 2
        },
        "reason": {
         "type": "string",
         "id": 3
        },
        "result": {
         "type": "bytes",
         "id": 4
        }
       }
      },
      "TelemetryBatch": {
       "fields": {
        "samples": {
         "type": "bytes",
         "id": 1
        }
       }
      },
      "Discover": {
       "fields": {
        "id": {
         "type": "uint64",
         "id": 1
        },
        "role": {
         "type": "string",
         "id": 2
        },
        "strategy": {
         "type": "string",
         "id": 3
        },
        "options": {
         "type": "bytes",
         "id": 4
        }
       }
      },
      "Presence": {
       "fields": {
        "role": {
         "type": "string",
         "id": 1
        },
        "delta": {
         "type": "bytes",
         "id": 2
        }
       }
      },
      "Configs": {
       "methods": {
        "Apply": {
         "requestType": "ApplyRequest",
         "requestStream": true,
         "responseType": "ApplyResponse",
         "responseStream": true
        },
        "Get": {
         "requestType": "GetConfigRequest",
         "responseType": "ConfigView"
        },
        "List": {
         "requestType": "ListConfigsRequest",
         "responseType": "ListConfigsResponse"
        },
        "Watch": {
         "requestType": "GetConfigRequest",
         "responseType": "ConfigView",
         "responseStream": true
        },
        "History": {
         "requestType": "HistoryRequest",
         "responseType": "HistoryResponse"
        },
        "Rollback": {
         "requestType": "RollbackRequest",
         "responseType": "PublishResult"
        },
        "Release": {
         "requestType": "ReleaseRequest",
         "responseType": "ReleaseResponse"
        },
        "Ledger": {
         "requestType": "LedgerRequest",
         "responseType": "LedgerView"
        },
        "WatchLedger": {
         "requestType": "LedgerRequest",
         "responseType": "LedgerView",
         "responseStream": true
        }
       }
      },
      "Cluster": {
       "methods": {
        "Status": {
         "requestType": "StatusRequest",
         "responseType": "StatusResponse"
        },
        "Instances": {
         "requestType": "InstancesRequest",
         "responseType": "InstancesResponse"
        }
       }
      },
      "Members": {
       "methods": {
        "List": {
         "requestType": "ListMembersRequest",
         "responseType": "MembersResponse"
        },
        "Add": {
         "requestType": "AddMemberRequest",
         "responseType": "MembersResponse"
        },
        "Promote": {
         "requestType": "PromoteMemberRequest",
         "responseType": "MembersResponse"
        },
        "Remove": {
         "requestType": "RemoveMemberRequest",
         "responseType": "MembersResponse"
        },
        "TransferLeadership": {
         "requestType": "TransferLeadershipRequest",
         "responseType": "MembersResponse"
        }
       }
      },
      "Snapshots": {
       "methods": {
        "Save": {
         "requestType": "SaveSnapshotRequest",
         "responseType": "SnapshotPiece",
         "responseStream": true
        }
       }
      },
      "Kv": {
       "methods": {
        "Range": {
         "requestType": "RangeRequest",
         "responseType": "RangeResponse"
        },
        "Txn": {
         "requestType": "KvTxnRequest",
         "responseType": "KvTxnResponse"
        },
        "Watch": {
         "requestType": "KvWatchRequest",
         "responseType": "KvWatchResponse",
         "responseStream": true
        },
        "Compact": {
         "requestType": "KvCompactRequest",
         "responseType": "KvCompactResponse"
        },
        "LeaseGrant": {
         "requestType": "LeaseGrantRequest",
         "responseType": "LeaseGrantResponse"
        },
        "LeaseRevoke": {
         "requestType": "LeaseRevokeRequest",
         "responseType": "LeaseRevokeResponse"
        },
        "LeaseKeepAlive": {
         "requestType": "LeaseKeepAliveRequest",
         "responseType": "LeaseKeepAliveResponse"
        }
       }
      },
      "ApplyRequest": {
       "oneofs": {
        "kind": {
         "oneof": [
          "header",
          "file",
          "problem"
         ]
        }
       },
       "fields": {
        "header": {
         "type": "ApplyHeader",
         "id": 1
        },
        "file": {
         "type": "ApplyFile",
         "id": 2
        },
        "problem": {
         "type": "Diagnostic",
         "id": 3
        }
       }
      },
      "ApplyHeader": {
       "fields": {
        "source": {
         "type": "string",
         "id": 1
        },
        "author": {
         "type": "string",
         "id": 2
        },
        "reason": {
         "type": "string",
         "id": 3
        },
        "namespace": {
         "type": "string",
         "id": 4
        },
        "dryRun": {
         "type": "bool",
         "id": 5
        },
        "takeover": {
         "type": "bool",
         "id": 6
        },
        "release": {
         "rule": "repeated",
         "type": "string",
         "id": 7
        },
        "gitCommit": {
         "type": "string",
         "id": 8
        },
        "waitShare": {
         "type": "double",
         "id": 9
        },
        "waitTimeoutMs": {
         "type": "uint32",
         "id": 10
        },
        "asPlanned": {
         "type": "bool",
         "id": 20
        },
        "planned": {
         "rule": "repeated",
         "type": "PlannedName",
         "id": 21
        },
        "clusterId": {
         "type": "string",
         "id": 22
        },
        "spreadMs": {
         "type": "uint32",
         "id": 23
        },
        "refuseTypeChanges": {
         "type": "bool",
         "id": 24
        },
        "againstLive": {
         "type": "bool",
         "id": 25
        },
        "maxAffected": {
         "type": "double",
         "id": 40
        },
        "place": {
         "type": "string",
         "id": 41
        }
       }
      },
      "PlannedName": {
       "fields": {
        "name": {
         "type": "string",
         "id": 1
        },
        "fromRevision": {
         "type": "uint64",
         "id": 2
        },
        "digest": {
         "type": "string",
         "id": 3
        }
       }
      },
      "ApplyFile": {
       "fields": {
        "path": {
         "type": "string",
         "id": 1
        },
        "bytes": {
         "type": "bytes",
         "id": 2
        },
        "last": {
         "type": "bool",
         "id": 3
        },
        "length": {
         "type": "uint32",
         "id": 4
        }
       }
      },
      "ApplyResponse": {
       "oneofs": {
        "kind": {
         "oneof": [
          "result",
          "progress"
         ]
        }
       },
       "fields": {
        "result": {
         "type": "PublishResult",
         "id": 1
        },
        "progress": {
         "type": "LedgerView",
         "id": 2
        }
       }
      },
      "PublishResult": {
       "fields": {
        "changed": {
         "type": "bool",
         "id": 1
        },
        "revision": {
         "type": "uint64",
         "id": 2
        },
        "changeSet": {
         "type": "string",
         "id": 3
        },
        "deltas": {
         "rule": "repeated",
         "type": "ConfigDelta",
         "id": 4
        },
        "diagnostics": {
         "rule": "repeated",
         "type": "Diagnostic",
         "id": 5
        },
        "ok": {
         "type": "bool",
         "id": 6
        },
        "status": {
         "type": "Status",
         "id": 7
        },
        "held": {
         "rule": "repeated",
         "type": "HeldName",
         "id": 20
        },
        "parked": {
         "type": "ParkedSet",
         "id": 21
        }
       }
      },
      "HeldName": {
       "fields": {
        "name": {
         "type": "string",
         "id": 1
        },
        "author": {
         "type": "string",
         "id": 2
        },
        "reason": {
         "type": "string",
         "id": 3
        },
        "wallMs": {
         "type": "uint64",
         "id": 4
        },
        "action": {
         "type": "string",
         "id": 5
        }
       }
      },
      "ParkedSet": {
       "fields": {
        "id": {
         "type": "string",
         "id": 1
        },
        "guards": {
         "rule": "repeated",
         "type": "string",
         "id": 2
        }
       }
      },
      "ConfigDelta": {
       "fields": {
        "name": {
         "type": "string",
         "id": 1
        },
        "kind": {
         "type": "string",
         "id": 2
        },
        "fromRevision": {
         "type": "uint64",
         "id": 3
        },
        "paths": {
         "rule": "repeated",
         "type": "PathChange",
         "id": 4
        },
        "reaches": {
         "type": "uint32",
         "id": 5
        }
       }
      },
      "PathChange": {
       "fields": {
        "pointer": {
         "type": "string",
         "id": 1
        },
        "beforeJson": {
         "type": "string",
         "id": 2
        },
        "afterJson": {
         "type": "string",
         "id": 3
        }
       }
      },
      "Diagnostic": {
       "fields": {
        "severity": {
         "type": "string",
         "id": 1
        },
        "rule": {
         "type": "string",
         "id": 2
        },
        "file": {
         "type": "string",
         "id": 3
        },
        "line": {
         "type": "uint32",
         "id": 4
        },
        "column": {
         "type": "uint32",
         "id": 5
        },
        "pointer": {
         "type": "string",
         "id": 6
        },
        "message": {
         "type": "string",
         "id": 7
        }
       }
      },
      "GetConfigRequest": {
       "fields": {
        "name": {
         "type": "string",
         "id": 1
        },
        "namespace": {
         "type": "string",
         "id": 2
        },
        "asInstance": {
         "type": "string",
         "id": 3
        },
        "asLabels": {
         "keyType": "string",
         "type": "string",
         "id": 4
        },
        "revision": {
         "type": "uint64",
         "id": 5
        },
        "stepsBack": {
         "type": "uint32",
         "id": 6
        }
       }
      },
      "ConfigView": {
       "fields": {
        "name": {
         "type": "string",
         "id": 1
        },
        "revision": {
         "type": "uint64",
         "id": 2
        },
        "valueJson": {
         "type": "string",
         "id": 3
        },
        "hash": {
         "type": "string",
         "id": 4
        },
        "removed": {
         "type": "bool",
         "id": 5
        },
        "overlays": {
         "rule": "repeated",
         "type": "string",
         "id": 6
        },
        "storeEpoch": {
         "type": "uint64",
         "id": 7
        }
       }
      },
      "ListConfigsRequest": {
       "fields": {
        "namespace": {
         "type": "string",
         "id": 1
        },
        "prefix": {
         "type": "string",
         "id": 2
        }
       }
      },
      "ListConfigsResponse": {
       "fields": {
        "configs": {
         "rule": "repeated",
         "type": "ConfigSummary",
         "id": 1
        }
       }
      },
      "ConfigSummary": {
       "fields": {
        "name": {
         "type": "string",
         "id": 1
        },
        "revision": {
         "type": "uint64",
         "id": 2
        },
        "removed": {
         "type": "bool",
         "id": 3
        },
        "held": {
         "type": "bool",
         "id": 4
        },
        "audience": {
         "keyType": "string",
         "type": "string",
         "id": 5
        },
        "variants": {
         "type": "uint32",
         "id": 6
        },
        "processes": {
         "type": "uint32",
         "id": 7
        },
        "applied": {
         "type": "uint32",
         "id": 8
        }
       }
      },
      "HistoryRequest": {
       "fields": {
        "name": {
         "type": "string",
         "id": 1
        },
        "namespace": {
         "type": "string",
         "id": 2
        },
        "limit": {
         "type": "uint32",
         "id": 3
        },
        "diff": {
         "type": "bool",
         "id": 4
        }
       }
      },
      "HistoryResponse": {
       "fields": {
        "entries": {
         "rule": "repeated",
         "type": "HistoryEntry",
         "id": 1
        }
       }
      },
      "HistoryEntry": {
       "fields": {
        "revision": {
         "type": "uint64",
         "id": 1
        },
        "author": {
         "type": "string",
         "id": 2
        },
        "reason": {
         "type": "string",
         "id": 3
        },
        "source": {
         "type": "string",
         "id": 4
        },
        "action": {
         "type": "string",
         "id": 5
        },
        "wallMs": {
         "type": "uint64",
         "id": 6
        },
        "removed": {
         "type": "bool",
         "id": 7
        },
        "changeSet": {
         "type": "string",
         "id": 8
        },
        "hash": {
         "type": "string",
         "id": 9
        },
        "file": {
         "type": "string",
         "id": 20
        },
        "fileHash": {
         "type": "string",
         "id": 21
        },
        "approvedBy": {
         "type": "string",
         "id": 22
        },
        "paths": {
         "rule": "repeated",
         "type": "PathChange",
         "id": 23
        },
        "pathsTotal": {
         "type": "uint32",
         "id": 24
        }
       }
      },
      "RollbackRequest": {
       "fields": {
        "name": {
         "type": "string",
         "id": 1
        },
        "namespace": {
         "type": "string",
         "id": 2
        },
        "toRevision": {
         "type": "uint64",
         "id": 3
        },
        "stepsBack": {
         "type": "uint32",
         "id": 4
        },
        "author": {
         "type": "string",
         "id": 5
        },
        "reason": {
         "type": "string",
         "id": 6
        },
        "spreadMs": {
         "type": "uint32",
         "id": 20
        }
       }
      },
      "ReleaseRequest": {
       "fields": {
        "name": {
         "type": "string",
         "id": 1
        },
        "namespace": {
         "type": "string",
         "id": 2
        },
        "author": {
         "type": "string",
         "id": 3
        }
       }
      },
      "ReleaseResponse": {
       "fields": {
        "released": {
         "type": "bool",
         "id": 1
        }
       }
      },
      "LedgerRequest": {
       "fields": {
        "name": {
         "type": "string",
         "id": 1
        },
        "namespace": {
         "type": "string",
         "id": 2
        }
       }
      },
      "LedgerView": {
       "fields": {
        "revision": {
         "type": "uint64",
         "id": 1
        },
        "rows": {
         "rule": "repeated",
         "type": "LedgerRow",
         "id": 2
        },
        "unreachableMembers": {
         "rule": "repeated",
         "type": "string",
         "id": 3
        },
        "processes": {
         "type": "uint32",
         "id": 4
        },
        "current": {
         "type": "uint32",
         "id": 5
        },
        "rejected": {
         "type": "uint32",
         "id": 6
        },
        "failed": {
         "type": "uint32",
         "id": 7
        }
       }
      },
      "LedgerRow": {
       "fields": {
        "name": {
         "type": "string",
         "id": 1
        },
        "cluster": {
         "type": "string",
         "id": 2
        },
        "role": {
         "type": "string",
         "id": 3
        },
        "instance": {
         "type": "string",
         "id": 4
        },
        "wantedRevision": {
         "type": "uint64",
         "id": 5
        },
        "revision": {
         "type": "uint64",
         "id": 6
        },
        "state": {
         "type": "AckState",
         "id": 7
        },
        "reason": {
         "type": "string",
         "id": 8
        },
        "atUnixMs": {
         "type": "uint64",
         "id": 9
        },
        "current": {
         "type": "bool",
         "id": 10
        },
        "connected": {
         "type": "bool",
         "id": 11
        },
        "member": {
         "type": "string",
         "id": 12
        },
        "dueUnixMs": {
         "type": "uint64",
         "id": 20
        },
        "standing": {
         "type": "string",
         "id": 21
        }
       }
      },
      "StatusRequest": {
       "fields": {
        "namespace": {
         "type": "string",
         "id": 1
        }
       }
      },
      "StatusResponse": {
       "fields": {
        "version": {
         "type": "string",
         "id": 1
        },
        "clusterId": {
         "type": "string",
         "id": 2
        },
        "storeEpoch": {
         "type": "uint64",
         "id": 3
        },
        "memberName": {
         "type": "string",
         "id": 4
        },
        "memberId": {
         "type": "fixed64",
         "id": 5
        },
        "role": {
         "type": "string",
         "id": 6
        },
        "term": {
         "type": "uint64",
         "id": 7
        },
        "leader": {
         "type": "string",
         "id": 8
        },
        "commitIndex": {
         "type": "uint64",
         "id": 9
        },
        "appliedIndex": {
         "type": "uint64",
         "id": 10
        },
        "flushedIndex": {
         "type": "uint64",
         "id": 11
        },
        "systemRevision": {
         "type": "uint64",
         "id": 12
        },
        "userRevision": {
         "type": "uint64",
         "id": 13
        },
        "stateHash": {
         "type": "string",
         "id": 14
        },
        "condition": {
         "type": "string",
         "id": 15
        },
        "sessions": {
         "type": "uint32",
         "id": 16
        },
        "configs": {
         "type": "uint32",
         "id": 17
        },
        "holds": {
         "rule": "repeated",
         "type": "string",
         "id": 18
        },
        "sources": {
         "rule": "repeated",
         "type": "SourceStatus",
         "id": 19
        },
        "logBytes": {
         "type": "uint64",
         "id": 20
        },
        "bytesInUse": {
         "type": "uint64",
         "id": 21
        },
        "startedUnixMs": {
         "type": "uint64",
         "id": 22
        },
        "alarms": {
         "rule": "repeated",
         "type": "string",
         "id": 23
        },
        "freeBytes": {
         "type": "uint64",
         "id": 24
        },
        "held": {
         "rule": "repeated",
         "type": "HeldName",
         "id": 40
        },
        "pending": {
         "type": "uint32",
         "id": 41
        },
        "unowned": {
         "rule": "repeated",
         "type": "string",
         "id": 42
        },
        "sessionsHere": {
         "type": "uint32",
         "id": 43
        },
        "disagreements": {
         "rule": "repeated",
         "type": "Status",
         "id": 44
        }
       }
      },
      "SourceStatus": {
       "fields": {
        "source": {
         "type": "string",
         "id": 1
        },
        "configs": {
         "type": "uint32",
         "id": 2
        },
        "directory": {
         "type": "string",
         "id": 3
        },
        "lastError": {
         "type": "string",
         "id": 4
        },
        "lastPublishedRevision": {
         "type": "uint64",
         "id": 5
        },
        "lastErrorCode": {
         "type": "string",
         "id": 10
        },
        "waitsFor": {
         "type": "string",
         "id": 11
        },
        "prefixes": {
         "rule": "repeated",
         "type": "SourcePrefix",
         "id": 12
        },
        "gitCommit": {
         "type": "string",
         "id": 13
        },
        "place": {
         "type": "string",
         "id": 14
        },
        "held": {
         "rule": "repeated",
         "type": "string",
         "id": 15
        },
        "pending": {
         "type": "string",
         "id": 16
        },
        "drift": {
         "rule": "repeated",
         "type": "string",
         "id": 17
        }
       }
      },
      "SourcePrefix": {
       "fields": {
        "prefix": {
         "type": "string",
         "id": 1
        },
        "sinceMs": {
         "type": "uint64",
         "id": 2
        },
        "author": {
         "type": "string",
         "id": 3
        }
       }
      },
      "InstancesRequest": {
       "fields": {
        "namespace": {
         "type": "string",
         "id": 1
        },
        "cluster": {
         "type": "string",
         "id": 2
        },
        "role": {
         "type": "string",
         "id": 3
        }
       }
      },
      "InstancesResponse": {
       "fields": {
        "instances": {
         "rule": "repeated",
         "type": "InstanceView",
         "id": 1
        },
        "unreachableMembers": {
         "rule": "repeated",
         "type": "string",
         "id": 2
        }
       }
      },
      "InstanceView": {
       "fields": {
        "identity": {
         "type": "ProcessIdentity",
         "id": 1
        },
        "sessionId": {
         "type": "fixed64",
         "id": 2
        },
        "connected": {
         "type": "bool",
         "id": 3
        },
        "member": {
         "type": "string",
         "id": 4
        },
        "startedUnixMs": {
         "type": "uint64",
         "id": 5
        },
        "eventLoopLagMs": {
         "type": "uint32",
         "id": 6
        },
        "configs": {
         "type": "uint32",
         "id": 7
        },
        "configsCurrent": {
         "type": "uint32",
         "id": 8
        },
        "silentMs": {
         "type": "uint64",
         "id": 9
        }
       }
      },
      "KvTxnRequest": {
       "fields": {
        "txn": {
         "type": "TxnRequest",
         "id": 1
        },
        "sessionId": {
         "type": "fixed64",
         "id": 2
        },
        "sequence": {
         "type": "uint64",
         "id": 3
        }
       }
      },
      "KvTxnResponse": {
       "fields": {
        "txn": {
         "type": "TxnResponse",
         "id": 1
        },
        "revision": {
         "type": "uint64",
         "id": 2
        }
       }
      },
      "KvWatchRequest": {
       "fields": {
        "key": {
         "type": "bytes",
         "id": 1
        },
        "rangeEnd": {
         "type": "bytes",
         "id": 2
        },
        "startRevision": {
         "type": "uint64",
         "id": 3
        },
        "prevKv": {
         "type": "bool",
         "id": 4
        },
        "storeEpoch": {
         "type": "uint64",
         "id": 5
        }
       }
      },
      "KvWatchResponse": {
       "fields": {
        "revision": {
         "type": "uint64",
         "id": 1
        },
        "events": {
         "rule": "repeated",
         "type": "KvEvent",
         "id": 2
        },
        "created": {
         "type": "bool",
         "id": 3
        },
        "storeEpoch": {
         "type": "uint64",
         "id": 4
        }
       }
      },
      "KvEvent": {
       "fields": {
        "deleted": {
         "type": "bool",
         "id": 1
        },
        "kv": {
         "type": "KeyValue",
         "id": 2
        },
        "prevKv": {
         "type": "KeyValue",
         "id": 3
        }
       }
      },
      "KvCompactRequest": {
       "fields": {
        "revision": {
         "type": "uint64",
         "id": 1
        }
       }
      },
      "KvCompactResponse": {
       "fields": {}
      },
      "ListMembersRequest": {
       "fields": {}
      },
      "AddMemberRequest": {
       "fields": {
        "name": {
         "type": "string",
         "id": 1
        },
        "peer": {
         "type": "string",
         "id": 2
        },
        "learner": {
         "type": "bool",
         "id": 3
        }
       }
      },
      "PromoteMemberRequest": {
       "fields": {
        "name": {
         "type": "string",
         "id": 1
        }
       }
      },
      "RemoveMemberRequest": {
       "fields": {
        "name": {
         "type": "string",
         "id": 1
        },
        "force": {
         "type": "bool",
         "id": 2
        }
       }
      },
      "TransferLeadershipRequest": {
       "fields": {
        "to": {
         "type": "string",
         "id": 1
        }
       }
      },
      "MembersResponse": {
       "fields": {
        "memberId": {
         "type": "fixed64",
         "id": 1
        },
        "members": {
         "rule": "repeated",
         "type": "MemberStatus",
         "id": 2
        },
        "clusterId": {
         "type": "string",
         "id": 3
        }
       }
      },
      "MemberStatus": {
       "fields": {
        "id": {
         "type": "fixed64",
         "id": 1
        },
        "name": {
         "type": "string",
         "id": 2
        },
        "role": {
         "type": "string",
         "id": 3
        },
        "peer": {
         "type": "string",
         "id": 4
        },
        "clients": {
         "rule": "repeated",
         "type": "string",
         "id": 5
        },
        "version": {
         "type": "string",
         "id": 6
        },
        "joined": {
         "type": "bool",
         "id": 7
        },
        "active": {
         "type": "bool",
         "id": 8
        },
        "wanted": {
         "type": "string",
         "id": 9
        },
        "match": {
         "type": "uint64",
         "id": 10
        },
        "lag": {
         "type": "uint64",
         "id": 11
        },
        "replication": {
         "type": "string",
         "id": 12
        }
       }
      },
      "SaveSnapshotRequest": {
       "fields": {}
      },
      "SnapshotPiece": {
       "fields": {
        "bytes": {
         "type": "bytes",
         "id": 1
        },
        "recordsTotal": {
         "type": "uint64",
         "id": 2
        },
        "records": {
         "type": "uint64",
         "id": 3
        }
       }
      },
      "Changes": {
       "methods": {
        "Plan": {
         "requestType": "ApplyRequest",
         "requestStream": true,
         "responseType": "PlanPiece",
         "responseStream": true
        },
        "Follow": {
         "requestType": "FollowRequest",
         "responseType": "FollowView",
         "responseStream": true
        },
        "Undo": {
         "requestType": "UndoRequest",
         "responseType": "PublishResult"
        },
        "PlanUndo": {
         "requestType": "UndoRequest",
         "responseType": "PublishResult"
        },
        "PlanRollback": {
         "requestType": "RollbackRequest",
         "responseType": "PublishResult"
        },
        "GuardedUndo": {
         "requestType": "GuardedUndoRequest",
         "responseType": "PublishResult"
        },
        "GuardedRollback": {
         "requestType": "GuardedRollbackRequest",
         "responseType": "PublishResult"
        },
        "GuardedEdit": {
         "requestType": "EditRequest",
         "requestStream": true,
         "responseType": "PublishResult",
         "responseStream": true
        },
        "Diff": {
         "requestType": "DiffRequest",
         "responseType": "PlannedConfig"
        },
        "Files": {
         "requestType": "FilesRequest",
         "responseType": "LiveFile",
         "responseStream": true
        },
        "Edit": {
         "requestType": "EditRequest",
         "requestStream": true,
         "responseType": "PublishResult",
         "responseStream": true
        },
        "Explain": {
         "requestType": "ExplainRequest",
         "responseType": "ExplainResponse"
        }
       }
      },
      "ExplainRequest": {
       "fields": {
        "namespace": {
         "type": "string",
         "id": 1
        },
        "name": {
         "type": "string",
         "id": 2
        },
        "pointer": {
         "type": "string",
         "id": 3
        },
        "asInstance": {
         "type": "string",
         "id": 4
        },
        "asLabels": {
         "keyType": "string",
         "type": "string",
         "id": 5
        }
       }
      },
      "ExplainResponse": {
       "fields": {
        "values": {
         "rule": "repeated",
         "type": "Explanation",
         "id": 1
        },
        "revision": {
         "type": "uint64",
         "id": 2
        },
        "author": {
         "type": "string",
         "id": 3
        },
        "reason": {
         "type": "string",
         "id": 4
        },
        "source": {
         "type": "string",
         "id": 5
        },
        "action": {
         "type": "string",
         "id": 6
        },
        "wallMs": {
         "type": "uint64",
         "id": 7
        }
       }
      },
      "Explanation": {
       "fields": {
        "name": {
         "type": "string",
         "id": 1
        },
        "pointer": {
         "type": "string",
         "id": 2
        },
        "valueJson": {
         "type": "string",
         "id": 3
        },
        "layers": {
         "rule": "repeated",
         "type": "ExplainedLayer",
         "id": 4
        },
        "refs": {
         "rule": "repeated",
         "type": "ExplainedRef",
         "id": 5
        }
       }
      },
      "ExplainedLayer": {
       "fields": {
        "kind": {
         "type": "string",
         "id": 1
        },
        "file": {
         "type": "string",
         "id": 2
        },
        "line": {
         "type": "uint32",
         "id": 3
        },
        "column": {
         "type": "uint32",
         "id": 4
        },
        "pointer": {
         "type": "string",
         "id": 5
        },
        "when": {
         "keyType": "string",
         "type": "string",
         "id": 6
        },
        "effect": {
         "type": "string",
         "id": 7
        },
        "valueJson": {
         "type": "string",
         "id": 8
        }
       }
      },
      "ExplainedRef": {
       "fields": {
        "text": {
         "type": "string",
         "id": 1
        },
        "from": {
         "type": "Explanation",
         "id": 2
        }
       }
      },
      "PlanPiece": {
       "oneofs": {
        "kind": {
         "oneof": [
          "summary",
          "config"
         ]
        }
       },
       "fields": {
        "summary": {
         "type": "PlanSummary",
         "id": 1
        },
        "config": {
         "type": "PlannedConfig",
         "id": 2
        }
       }
      },
      "PlanSummary": {
       "fields": {
        "ok": {
         "type": "bool",
         "id": 1
        },
        "diagnostics": {
         "rule": "repeated",
         "type": "Diagnostic",
         "id": 2
        },
        "refusals": {
         "rule": "repeated",
         "type": "Status",
         "id": 3
        },
        "revision": {
         "type": "uint64",
         "id": 4
        },
        "clusterId": {
         "type": "string",
         "id": 5
        },
        "storeEpoch": {
         "type": "uint64",
         "id": 6
        },
        "configs": {
         "type": "uint32",
         "id": 7
        },
        "processes": {
         "type": "uint32",
         "id": 8
        },
        "affected": {
         "type": "uint32",
         "id": 9
        },
        "unknown": {
         "type": "uint32",
         "id": 10
        },
        "unreachableMembers": {
         "rule": "repeated",
         "type": "string",
         "id": 11
        },
        "holds": {
         "rule": "repeated",
         "type": "PlanHold",
         "id": 12
        },
        "guards": {
         "rule": "repeated",
         "type": "PlanGuard",
         "id": 13
        }
       }
      },
      "PlanHold": {
       "fields": {
        "name": {
         "type": "string",
         "id": 1
        },
        "author": {
         "type": "string",
         "id": 2
        },
        "reason": {
         "type": "string",
         "id": 3
        },
        "wallMs": {
         "type": "uint64",
         "id": 4
        }
       }
      },
      "PlanGuard": {
       "fields": {
        "kind": {
         "type": "string",
         "id": 1
        },
        "message": {
         "type": "string",
         "id": 2
        }
       }
      },
      "PlannedConfig": {
       "fields": {
        "name": {
         "type": "string",
         "id": 1
        },
        "kind": {
         "type": "string",
         "id": 2
        },
        "fromRevision": {
         "type": "uint64",
         "id": 3
        },
        "digest": {
         "type": "string",
         "id": 4
        },
        "audience": {
         "keyType": "string",
         "type": "string",
         "id": 5
        },
        "nobody": {
         "type": "bool",
         "id": 6
        },
        "hasSchema": {
         "type": "bool",
         "id": 7
        },
        "processes": {
         "type": "uint32",
         "id": 8
        },
        "affected": {
         "type": "uint32",
         "id": 9
        },
        "outcomes": {
         "rule": "repeated",
         "type": "PlannedOutcome",
         "id": 10
        },
        "outcomesTotal": {
         "type": "uint32",
         "id": 11
        },
        "types": {
         "rule": "repeated",
         "type": "TypeChange",
         "id": 12
        },
        "toRevision": {
         "type": "uint64",
         "id": 13
        }
       }
      },
      "PlannedOutcome": {
       "fields": {
        "overlays": {
         "rule": "repeated",
         "type": "string",
         "id": 1
        },
        "overlaysBefore": {
         "rule": "repeated",
         "type": "string",
         "id": 2
        },
        "hadValue": {
         "type": "bool",
         "id": 3
        },
        "hasValue": {
         "type": "bool",
         "id": 4
        },
        "changed": {
         "type": "bool",
         "id": 5
        },
        "paths": {
         "rule": "repeated",
         "type": "PathChange",
         "id": 6
        },
        "pathsTotal": {
         "type": "uint32",
         "id": 7
        },
        "processes": {
         "type": "uint32",
         "id": 8
        },
        "away": {
         "type": "uint32",
         "id": 9
        },
        "unknown": {
         "type": "uint32",
         "id": 10
        },
        "instances": {
         "rule": "repeated",
         "type": "string",
         "id": 11
        }
       }
      },
      "TypeChange": {
       "fields": {
        "pointer": {
         "type": "string",
         "id": 1
        },
        "before": {
         "type": "string",
         "id": 2
        },
        "after": {
         "type": "string",
         "id": 3
        },
        "overlays": {
         "rule": "repeated",
         "type": "string",
         "id": 4
        }
       }
      },
      "FollowRequest": {
       "fields": {
        "namespace": {
         "type": "string",
         "id": 1
        },
        "names": {
         "rule": "repeated",
         "type": "string",
         "id": 2
        },
        "revision": {
         "type": "uint64",
         "id": 3
        },
        "share": {
         "type": "double",
         "id": 4
        },
        "count": {
         "type": "uint32",
         "id": 5
        },
        "selector": {
         "keyType": "string",
         "type": "string",
         "id": 6
        },
        "timeoutMs": {
         "type": "uint32",
         "id": 7
        }
       }
      },
      "FollowView": {
       "fields": {
        "processes": {
         "type": "uint32",
         "id": 1
        },
        "applied": {
         "type": "uint32",
         "id": 2
        },
        "rejected": {
         "type": "uint32",
         "id": 3
        },
        "failed": {
         "type": "uint32",
         "id": 4
        },
        "away": {
         "type": "uint32",
         "id": 5
        },
        "unknown": {
         "type": "uint32",
         "id": 6
        },
        "pending": {
         "type": "uint32",
         "id": 7
        },
        "waiting": {
         "type": "uint32",
         "id": 8
        },
        "ended": {
         "type": "bool",
         "id": 9
        },
        "enough": {
         "type": "bool",
         "id": 10
        },
        "missing": {
         "rule": "repeated",
         "type": "LedgerRow",
         "id": 11
        },
        "unreachableMembers": {
         "rule": "repeated",
         "type": "string",
         "id": 12
        },
        "revision": {
         "type": "uint64",
         "id": 13
        }
       }
      },
      "UndoRequest": {
       "fields": {
        "namespace": {
         "type": "string",
         "id": 1
        },
        "changeSet": {
         "type": "string",
         "id": 2
        },
        "author": {
         "type": "string",
         "id": 3
        },
        "reason": {
         "type": "string",
         "id": 4
        },
        "spreadMs": {
         "type": "uint32",
         "id": 5
        }
       }
      },
      "GuardedUndoRequest": {
       "fields": {
        "undo": {
         "type": "UndoRequest",
         "id": 1
        },
        "maxAffected": {
         "type": "double",
         "id": 2
        },
        "dryRun": {
         "type": "bool",
         "id": 3
        }
       }
      },
      "GuardedRollbackRequest": {
       "fields": {
        "rollback": {
         "type": "RollbackRequest",
         "id": 1
        },
        "maxAffected": {
         "type": "double",
         "id": 2
        },
        "dryRun": {
         "type": "bool",
         "id": 3
        }
       }
      },
      "DiffRequest": {
       "fields": {
        "namespace": {
         "type": "string",
         "id": 1
        },
        "name": {
         "type": "string",
         "id": 2
        },
        "fromRevision": {
         "type": "uint64",
         "id": 3
        },
        "fromStepsBack": {
         "type": "uint32",
         "id": 4
        },
        "toRevision": {
         "type": "uint64",
         "id": 5
        },
        "toStepsBack": {
         "type": "uint32",
         "id": 6
        }
       }
      },
      "FilesRequest": {
       "fields": {
        "namespace": {
         "type": "string",
         "id": 1
        },
        "names": {
         "rule": "repeated",
         "type": "string",
         "id": 2
        }
       }
      },
      "LiveFile": {
       "fields": {
        "path": {
         "type": "string",
         "id": 1
        },
        "bytes": {
         "type": "bytes",
         "id": 2
        },
        "last": {
         "type": "bool",
         "id": 3
        },
        "config": {
         "type": "string",
         "id": 4
        },
        "revision": {
         "type": "uint64",
         "id": 5
        }
       }
      },
      "EditRequest": {
       "oneofs": {
        "kind": {
         "oneof": [
          "header",
          "file"
         ]
        }
       },
       "fields": {
        "header": {
         "type": "EditHeader",
         "id": 1
        },
        "file": {
         "type": "ApplyFile",
         "id": 2
        }
       }
      },
      "EditHeader": {
       "fields": {
        "namespace": {
         "type": "string",
         "id": 1
        },
        "name": {
         "type": "string",
         "id": 2
        },
        "baseRevision": {
         "type": "uint64",
         "id": 3
        },
        "author": {
         "type": "string",
         "id": 4
        },
        "reason": {
         "type": "string",
         "id": 5
        },
        "dryRun": {
         "type": "bool",
         "id": 6
        },
        "spreadMs": {
         "type": "uint32",
         "id": 7
        },
        "maxAffected": {
         "type": "double",
         "id": 8
        }
       }
      },
      "Secrets": {
       "methods": {
        "Put": {
         "requestType": "PutSecretRequest",
         "responseType": "PutSecretResponse"
        },
        "List": {
         "requestType": "ListSecretsRequest",
         "responseType": "ListSecretsResponse"
        },
        "Remove": {
         "requestType": "RemoveSecretRequest",
         "responseType": "RemoveSecretResponse"
        },
        "Reseal": {
         "requestType": "ResealRequest",
         "responseType": "ResealResponse"
        }
       }
      },
      "PutSecretRequest": {
       "fields": {
        "namespace": {
         "type": "string",
         "id": 1
        },
        "name": {
         "type": "string",
         "id": 2
        },
        "value": {
         "type": "bytes",
         "id": 3
        },
        "author": {
         "type": "string",
         "id": 4
        },
        "reason": {
         "type": "string",
         "id": 5
        },
        "mustExist": {
         "type": "bool",
         "id": 6
        }
       }
      },
      "PutSecretResponse": {
       "fields": {
        "revision": {
         "type": "uint64",
         "id": 1
        },
        "version": {
         "type": "uint64",
         "id": 2
        },
        "usedBy": {
         "rule": "repeated",
         "type": "string",
         "id": 3
        }
       }
      },
      "ListSecretsRequest": {
       "fields": {
        "namespace": {
         "type": "string",
         "id": 1
        }
       }
      },
      "SecretSummary": {
       "fields": {
        "name": {
         "type": "string",
         "id": 1
        },
        "version": {
         "type": "uint64",
         "id": 2
        },
        "revision": {
         "type": "uint64",
         "id": 3
        },
        "key": {
         "type": "string",
         "id": 4
        },
        "opens": {
         "type": "bool",
         "id": 5
        },
        "author": {
         "type": "string",
         "id": 6
        },
        "reason": {
         "type": "string",
         "id": 7
        },
        "wallMs": {
         "type": "uint64",
         "id": 8
        },
        "usedBy": {
         "rule": "repeated",
         "type": "string",
         "id": 9
        }
       }
      },
      "ListSecretsResponse": {
       "fields": {
        "secrets": {
         "rule": "repeated",
         "type": "SecretSummary",
         "id": 1
        },
        "sealsWith": {
         "type": "string",
         "id": 2
        }
       }
      },
      "RemoveSecretRequest": {
       "fields": {
        "namespace": {
         "type": "string",
         "id": 1
        },
        "name": {
         "type": "string",
         "id": 2
        }
       }
      },
      "RemoveSecretResponse": {
       "fields": {
        "revision": {
         "type": "uint64",
         "id": 1
        }
       }
      },
      "ResealRequest": {
       "fields": {
        "namespace": {
         "type": "string",
         "id": 1
        }
       }
      },
      "ResealResponse": {
       "fields": {
        "resealed": {
         "type": "uint32",
         "id": 1
        },
        "already": {
         "type": "uint32",
         "id": 2
        }
       }
      },
      "Control": {
       "methods": {
        "Pending": {
         "requestType": "PendingRequest",
         "responseType": "PendingResponse"
        },
        "Approve": {
         "requestType": "VerdictRequest",
         "responseType": "PublishResult"
        },
        "Reject": {
         "requestType": "VerdictRequest",
         "responseType": "PendingSet"
        },
        "ChangeSets": {
         "requestType": "ChangeSetsRequest",
         "responseType": "ChangeSetsResponse"
        },
        "Events": {
         "requestType": "EventsRequest",
         "responseType": "EventBatch",
         "responseStream": true
        }
       }
      },
      "PendingRequest": {
       "fields": {
        "namespace": {
         "type": "string",
         "id": 1
        },
        "id": {
         "type": "string",
         "id": 2
        }
       }
      },
      "PendingResponse": {
       "fields": {
        "sets": {
         "rule": "repeated",
         "type": "PendingSet",
         "id": 1
        }
       }
      },
      "PendingSet": {
       "fields": {
        "id": {
         "type": "string",
         "id": 1
        },
        "source": {
         "type": "string",
         "id": 2
        },
        "author": {
         "type": "string",
         "id": 3
        },
        "reason": {
         "type": "string",
         "id": 4
        },
        "action": {
         "type": "string",
         "id": 5
        },
        "gitCommit": {
         "type": "string",
         "id": 6
        },
        "wallMs": {
         "type": "uint64",
         "id": 7
        },
        "expiresMs": {
         "type": "uint64",
         "id": 8
        },
        "guards": {
         "rule": "repeated",
         "type": "GuardView",
         "id": 9
        },
        "names": {
         "rule": "repeated",
         "type": "string",
         "id": 10
        },
        "changes": {
         "type": "uint32",
         "id": 11
        },
        "deltas": {
         "rule": "repeated",
         "type": "ConfigDelta",
         "id": 12
        },
        "stale": {
         "type": "bool",
         "id": 13
        },
        "rejectedBy": {
         "type": "string",
         "id": 14
        },
        "rejectedReason": {
         "type": "string",
         "id": 15
        },
        "lacksSecrets": {
         "rule": "repeated",
         "type": "string",
         "id": 16
        }
       }
      },
      "GuardView": {
       "fields": {
        "kind": {
         "type": "string",
         "id": 1
        },
        "message": {
         "type": "string",
         "id": 2
        }
       }
      },
      "VerdictRequest": {
       "fields": {
        "namespace": {
         "type": "string",
         "id": 1
        },
        "id": {
         "type": "string",
         "id": 2
        },
        "author": {
         "type": "string",
         "id": 3
        },
        "reason": {
         "type": "string",
         "id": 4
        }
       }
      },
      "ChangeSetsRequest": {
       "fields": {
        "namespace": {
         "type": "string",
         "id": 1
        },
        "limit": {
         "type": "uint32",
         "id": 2
        },
        "diff": {
         "type": "bool",
         "id": 3
        }
       }
      },
      "ChangeSetsResponse": {
       "fields": {
        "sets": {
         "rule": "repeated",
         "type": "ChangeSetView",
         "id": 1
        }
       }
      },
      "ChangeSetView": {
       "fields": {
        "revision": {
         "type": "uint64",
         "id": 1
        },
        "id": {
         "type": "string",
         "id": 2
        },
        "names": {
         "rule": "repeated",
         "type": "string",
         "id": 3
        },
        "removed": {
         "rule": "repeated",
         "type": "string",
         "id": 4
        },
        "author": {
         "type": "string",
         "id": 5
        },
        "reason": {
         "type": "string",
         "id": 6
        },
        "source": {
         "type": "string",
         "id": 7
        },
        "action": {
         "type": "string",
         "id": 8
        },
        "wallMs": {
         "type": "uint64",
         "id": 9
        },
        "approvedBy": {
         "type": "string",
         "id": 10
        },
        "approvedReason": {
         "type": "string",
         "id": 11
        },
        "deltas": {
         "rule": "repeated",
         "type": "ConfigDelta",
         "id": 12
        }
       }
      },
      "EventsRequest": {
       "fields": {
        "namespace": {
         "type": "string",
         "id": 1
        },
        "after": {
         "type": "uint64",
         "id": 2
        },
        "last": {
         "type": "uint32",
         "id": 3
        },
        "follow": {
         "type": "bool",
         "id": 4
        }
       }
      },
      "EventBatch": {
       "fields": {
        "events": {
         "rule": "repeated",
         "type": "EventView",
         "id": 1
        },
        "revision": {
         "type": "uint64",
         "id": 2
        },
        "caughtUp": {
         "type": "bool",
         "id": 3
        },
        "oldest": {
         "type": "uint64",
         "id": 4
        }
       }
      },
      "EventView": {
       "fields": {
        "revision": {
         "type": "uint64",
         "id": 1
        },
        "wallMs": {
         "type": "uint64",
         "id": 2
        },
        "kind": {
         "type": "string",
         "id": 3
        },
        "text": {
         "type": "string",
         "id": 4
        },
        "author": {
         "type": "string",
         "id": 5
        },
        "reason": {
         "type": "string",
         "id": 6
        },
        "source": {
         "type": "string",
         "id": 7
        },
        "names": {
         "rule": "repeated",
         "type": "string",
         "id": 8
        },
        "changeSet": {
         "type": "string",
         "id": 9
        },
        "code": {
         "type": "string",
         "id": 10
        }
       }
      }
     }
    }
   }
  },
  "grpc": {
   "nested": {
    "health": {
     "nested": {
      "v1": {
       "nested": {
        "HealthCheckRequest": {
         "fields": {
          "service": {
           "type": "string",
           "id": 1
          }
         }
        },
        "HealthCheckResponse": {
         "fields": {
          "status": {
           "type": "ServingStatus",
           "id": 1
          }
         },
         "nested": {
          "ServingStatus": {
           "values": {
            "UNKNOWN": 0,
            "SERVING": 1,
            "NOT_SERVING": 2,
            "SERVICE_UNKNOWN": 3
           }
          }
         }
        },
        "Health": {
         "methods": {
          "Check": {
           "requestType": "HealthCheckRequest",
           "responseType": "HealthCheckResponse"
          },
          "Watch": {
           "requestType": "HealthCheckRequest",
           "responseType": "HealthCheckResponse",
           "responseStream": true
          }
         }
        }
       }
      }
     }
    }
   }
  }
 }
}
