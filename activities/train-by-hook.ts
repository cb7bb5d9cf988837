import type { Model, ModelSchema } from '../core/models/model.ts';
import type { Table } from '../core/table.ts';
import type { PipelineConfig } from '../pipelines/schema.ts';
