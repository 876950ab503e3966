import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { ListSecretsRequest as _keeper_v1_ListSecretsRequest, ListSecretsRequest__Output as _keeper_v1_ListSecretsRequest__Output } from './keeper/v1/ListSecretsRequest.js';
import type { ListSecretsResponse as _keeper_v1_ListSecretsResponse, ListSecretsResponse__Output as _keeper_v1_ListSecretsResponse__Output } from './keeper/v1/ListSecretsResponse.js';
import type { PutSecretRequest as _keeper_v1_PutSecretRequest, PutSecretRequest__Output as _keeper_v1_PutSecretRequest__Output } from './keeper/v1/PutSecretRequest.js';
import type { PutSecretResponse as _keeper_v1_PutSecretResponse, PutSecretResponse__Output as _keeper_v1_PutSecretResponse__Output } from './keeper/v1/PutSecretResponse.js';
import type { RemoveSecretRequest as _keeper_v1_RemoveSecretRequest, RemoveSecretRequest__Output as _keeper_v1_RemoveSecretRequest__Output } from './keeper/v1/RemoveSecretRequest.js';
import type { RemoveSecretResponse as _keeper_v1_RemoveSecretResponse, RemoveSecretResponse__Output as _keeper_v1_RemoveSecretResponse__Output } from './keeper/v1/RemoveSecretResponse.js';
import type { ResealRequest as _keeper_v1_ResealRequest, ResealRequest__Output as _keeper_v1_ResealRequest__Output } from './keeper/v1/ResealRequest.js';
import type { ResealResponse as _keeper_v1_ResealResponse, ResealResponse__Output as _keeper_v1_ResealResponse__Output } from './keeper/v1/ResealResponse.js';
import type { SecretSummary as _keeper_v1_SecretSummary, SecretSummary__Output as _keeper_v1_SecretSummary__Output } from './keeper/v1/SecretSummary.js';
import type { SecretsClient as _keeper_v1_SecretsClient, SecretsDefinition as _keeper_v1_SecretsDefinition } from './keeper/v1/Secrets.js';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  keeper: {
    v1: {
      ListSecretsRequest: MessageTypeDefinition<_keeper_v1_ListSecretsRequest, _keeper_v1_ListSecretsRequest__Output>
      ListSecretsResponse: MessageTypeDefinition<_keeper_v1_ListSecretsResponse, _keeper_v1_ListSecretsResponse__Output>
      PutSecretRequest: MessageTypeDefinition<_keeper_v1_PutSecretRequest, _keeper_v1_PutSecretRequest__Output>
      PutSecretResponse: MessageTypeDefinition<_keeper_v1_PutSecretResponse, _keeper_v1_PutSecretResponse__Output>
      RemoveSecretRequest: MessageTypeDefinition<_keeper_v1_RemoveSecretRequest, _keeper_v1_RemoveSecretRequest__Output>
      RemoveSecretResponse: MessageTypeDefinition<_keeper_v1_RemoveSecretResponse, _keeper_v1_RemoveSecretResponse__Output>
      ResealRequest: MessageTypeDefinition<_keeper_v1_ResealRequest, _keeper_v1_ResealRequest__Output>
      ResealResponse: MessageTypeDefinition<_keeper_v1_ResealResponse, _keeper_v1_ResealResponse__Output>
      SecretSummary: MessageTypeDefinition<_keeper_v1_SecretSummary, _keeper_v1_SecretSummary__Output>
      Secrets: SubtypeConstructor<typeof grpc.Client, _keeper_v1_SecretsClient> & { service: _keeper_v1_SecretsDefinition }
    }
  }
}

