import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { html, trustedHtml } from './html.ts';

describe('html', () => {
  it('escapes text, also within attributes', () => {
    const hostile = `"><script>alert('1')</script>&`;
    assert.equal(
      html`<a title="${hostile}">${hostile}</a>`.toString(),
      '<a title="&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;">&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;</a>',
    );
  });

  it('nests markup and lists of it as they are', () => {
    const items = ['a', '<b>'].map((text) => html`<li>${text}</li>`);
    assert.equal(html`${items}!`.toString(), '<li>a</li><li>&lt;b&gt;</li>!');
  });

  it('shows nothing for false, null and undefined, but a zero', () => {
    assert.equal(html`[${false}${null}${undefined}${0}]`.toString(), '[0]');
  });

  it('passes on what is vouched for', () => {
    assert.equal(html`${trustedHtml('<svg></svg>')}`.toString(), '<svg></svg>');
  });
});
