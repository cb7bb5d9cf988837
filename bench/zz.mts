import { momentsOf } from '../core/stats/moments.ts';
import { createRandom } from '../core/random.ts';
const r=createRandom(1); const x=Float64Array.from({length:1<<19},()=>r()*10-3).sort();
for(let k=0;k<5;k++){ const t=performance.now(); let m; for(let j=0;j<20;j++) m=momentsOf(x); console.log(((performance.now()-t)/20).toFixed(2), m);}
