(function () {
  'use strict';
  var form = document.getElementById('filters');
  var body = document.getElementById('findings');
  if (!form || !body) { return; }
  var rows = body.getElementsByTagName('tr');
  var count = document.getElementById('count');
  var unit = document.getElementById('f-unit');
  var rule = document.getElementById('f-rule');
  var severity = document.getElementById('f-severity');
  var text = document.getElementById('f-text');
  var pending = null;

  function holds(row, name, wanted) {
    return wanted === '' || row.getAttribute('data-' + name) === wanted;
  }

  function apply() {
    var shown = 0;
    var words = text.value.toLowerCase();
    for (var i = 0; i < rows.length; i += 1) {
      var row = rows[i];
      var fits = holds(row, 'unit', unit.value) && holds(row, 'rule', rule.value) &&
        holds(row, 'severity', severity.value) &&
        (words === '' || (row.textContent || '').toLowerCase().indexOf(words) >= 0);
      row.className = fits ? '' : 'hidden';
      if (fits) { shown += 1; }
    }
    count.textContent = count.getAttribute('data-text').replace('{shown}', String(shown)).replace('{all}', String(rows.length));
  }

  function soon() {
    if (pending !== null) { window.clearTimeout(pending); }
    pending = window.setTimeout(apply, 150);
  }

  unit.onchange = apply;
  rule.onchange = apply;
  severity.onchange = apply;
  text.oninput = soon;
  text.onkeyup = soon;
  form.onsubmit = function () { apply(); return false; };
  form.onreset = function () { window.setTimeout(apply, 0); };
  form.className = '';
  apply();
}());
